/* Small conveniences on top of pages that work without them: focus, counters, dialogs, no double submit. */
(function () {
  "use strict";
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const number = (value) => value.toLocaleString("zh-CN");

  /* The error summary is read first. */
  function focusProblems(root) {
    const slip = (root || document).querySelector("[data-focus]");
    if (slip) slip.focus();
  }

  /* Characters as paper forms count them; typing past the limit is never blocked. */
  function counters(root) {
    all("[data-count-for]", root).forEach((box) => {
      const field = document.getElementById(box.dataset.countFor);
      if (!field || box.dataset.live) return;
      box.dataset.live = "1";
      const bar = box.querySelector("progress"), say = box.querySelector("[data-say]"), shown = box.querySelector("[data-n]");
      const max = Number(box.dataset.max);
      const update = () => {
        const count = Array.from(field.value.replace(/\s/g, "")).length, over = count - max;
        bar.value = Math.min(count, max);
        bar.classList.toggle("over", over > 0);
        say.className = over > 0 ? "bad" : "";
        say.textContent = over > 0 ? `超出 ${number(over)} 字，请删减` : `还可以写 ${number(-over)} 字`;
        shown.textContent = ` · ${number(count)} / ${number(max)}`;
      };
      field.addEventListener("input", update);
      update();
    });
  }

  /* Cells with a limit share one counter below their table: it speaks of the cell that is being written. */
  function cellCounters() {
    document.addEventListener("input", (event) => {
      const max = Number(event.target.dataset.limit), table = event.target.closest("[data-field]");
      const say = max && table && table.querySelector("[data-cell-count]");
      if (!say) return;
      const left = max - Array.from(event.target.value.replace(/\s/g, "")).length;
      say.hidden = left > max / 4;
      say.classList.toggle("bad", left < 0);
      say.textContent = `${event.target.getAttribute("aria-label")}：${left < 0 ? `超出 ${number(-left)} 字，请删减` : `还可以写 ${number(left)} 字`}`;
    });
  }

  /* <button data-open="id"> opens <dialog id>; the safe choice ([autofocus]) has the focus. */
  function dialogs() {
    document.addEventListener("click", (event) => {
      const opener = event.target.closest("[data-open]"), closer = event.target.closest("[data-close]");
      if (opener) {
        const dialog = document.getElementById(opener.dataset.open);
        if (dialog && dialog.showModal) {
          event.preventDefault();
          dialog.showModal();
          const safe = dialog.querySelector("[autofocus]");
          if (safe) safe.focus();
        }
      } else if (closer && closer.closest("dialog")) {
        event.preventDefault();
        closer.closest("dialog").close();
      }
    });
  }

  /* A second click on the same submit button is ignored while the first is on its way. */
  function singleSubmit() {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (event.defaultPrevented || form.method !== "post" || form.dataset.repeat !== undefined) return;
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      window.setTimeout(() => { delete form.dataset.sent; }, 4000);
    });
    window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
  }

  /* Lists of choices that filter at once; without scripts the button beside them does it. */
  function filters() {
    all("form[data-filter]").forEach((form) => {
      form.addEventListener("change", (event) => { if (event.target.matches("select, [type=checkbox], [type=radio]")) form.requestSubmit(); });
    });
  }

  /* What scrolls sideways can be reached and scrolled with the keyboard. */
  function scrollers() {
    all(".yan-scroll, .yan-sheet.flush").forEach((box) => {
      if (box.scrollWidth <= box.clientWidth || box.tabIndex === 0) return;
      box.tabIndex = 0;
      if (!box.hasAttribute("aria-label") && !box.hasAttribute("aria-labelledby")) {
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", "表格，可左右滚动");
      }
    });
  }

  function start() {
    scrollers();
    window.addEventListener("resize", scrollers);
    focusProblems();
    counters();
    cellCounters();
    dialogs();
    singleSubmit();
    filters();
    document.body.addEventListener("htmx:afterSwap", (event) => { counters(event.target); focusProblems(event.target); });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
