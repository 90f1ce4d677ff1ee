/* Dragging a row does what the number box does: it posts that row's form with the new rank. */
(function () {
  "use strict";
  var body = document.querySelector("[data-rank]");
  if (!body) { return; }
  function rows() { return Array.prototype.filter.call(body.children, function (row) { return row.dataset.entry; }); }
  if (!window.Sortable) { return; }
  window.Sortable.create(body, {
    handle: ".grip",
    draggable: "tr[data-entry]",
    filter: ".yan-cut",
    animation: 0,
    ghostClass: "yan-lift",
    onEnd: function (event) {
      var row = event.item;
      var rank = rows().indexOf(row) + 1;
      var form = row.querySelector("form.yan-move");
      var box = form.querySelector("input.no");
      if (String(rank) === box.value) { return; }
      box.value = String(rank);
      document.getElementById("said").textContent = row.dataset.name + "：移到第 " + rank + " 名";
      form.submit();
    }
  });
})();
