/* Shortcuts of the queue. Everything they do can be done with Tab and Enter; they keep silent while somebody types. */
(function () {
  "use strict";
  const OFF = "yan-keys-off";
  const rows = () => Array.from(document.querySelectorAll("tr[data-row]"));
  const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable=true], dialog[open]");
  let here = -1;

  function off() {
    try { return window.localStorage.getItem(OFF) === "1"; } catch (error) { return false; }
  }

  function go(step) {
    const all = rows();
    if (!all.length) return;
    const focused = all.findIndex((row) => row.contains(document.activeElement));
    here = Math.max(0, Math.min(all.length - 1, (focused >= 0 ? focused : here) + step));
    all.forEach((row, at) => row.classList.toggle("yan-now", at === here));
    all[here].querySelector("a").focus();
    all[here].scrollIntoView({ block: "nearest" });
  }

  function tick() {
    const row = rows().find((one) => one.contains(document.activeElement));
    const box = row && row.querySelector("[name=pick]");
    if (box) box.click();
  }

  function follow(selector) {
    const link = document.querySelector(selector);
    if (link) link.click();
  }

  const KEYS = {
    j: () => go(1), k: () => go(-1), x: tick,
    o: () => { const row = rows().find((one) => one.contains(document.activeElement)); if (row) row.querySelector("a").click(); },
    "/": () => document.getElementById("q").focus(),
    n: () => follow(".yan-pager [rel=next]"), p: () => follow(".yan-pager [rel=prev]"),
    "?": () => { const list = document.getElementById("keys"); list.scrollIntoView(); list.focus(); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (off() || typing(event.target) || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  function start() {
    const box = document.getElementById("keys-off");
    if (!box) return;
    box.checked = off();
    box.addEventListener("change", () => { try { window.localStorage.setItem(OFF, box.checked ? "1" : "0"); } catch (error) { /* stays on */ } });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
