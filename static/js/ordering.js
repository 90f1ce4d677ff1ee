/* Dragging a scenario does what its number box does: it sends that row's form with the new number. */
(function () {
  "use strict";
  function start() {
    var body = document.querySelector("[data-order]");
    if (!body || !window.Sortable || !body.querySelector(".grip")) { return; }
    window.Sortable.create(body, {
      handle: ".grip",
      draggable: "tr[data-uid]",
      animation: 0,
      ghostClass: "yan-lift",
      onEnd: function (event) {
        var box = event.item.querySelector("input.no");
        var place = String(Array.prototype.indexOf.call(body.children, event.item) + 1);
        if (place === box.defaultValue) { return; }
        box.value = place;
        /* Not submit(): text still on its way is saved first. */
        box.form.requestSubmit();
      }
    });
  }
  start();
  /* A colleague's change draws the list anew. */
  document.addEventListener("yan:redrawn", start);
})();
