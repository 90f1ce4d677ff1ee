/* The seal's dialog. Without this script the link leads to a page that asks the same. */
(function () {
  "use strict";
  var dialog = document.getElementById("seal");
  if (!dialog || !dialog.showModal) { return; }
  var form = dialog.querySelector("form");
  var arm = form.querySelector("[data-arm]");
  function ready() {
    var ticked = Array.prototype.every.call(form.querySelectorAll("input[type=checkbox]"), function (box) { return box.checked; });
    var count = form.querySelector("[data-expect]");
    return ticked && count.value.trim() === count.dataset.expect && form.querySelector("input[type=password]").value !== "";
  }
  function update() { arm.setAttribute("aria-disabled", String(!ready())); }
  form.addEventListener("input", update);
  update();
  form.addEventListener("submit", function (event) { if (!ready()) { event.preventDefault(); } });
  document.querySelectorAll('[data-open="seal"]').forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      dialog.showModal();
      form.querySelector("[data-close]").focus();
    });
  });
  form.querySelector("[data-close]").addEventListener("click", function () { dialog.close(); });
})();
