/* Leaving a page without losing text: what is typed is saved first; who has to sign in again does so without leaving. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-autosave]"), saver = form && form.saver;
  if (!saver) return;
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  const token = (page) => { const input = page.querySelector("input[name=csrfmiddlewaretoken]"); return input ? input.value : ""; };
  let leaving = false, wish = 0;     // of several buttons and links pressed while text is on its way, the last one counts

  /* Any form of the page is sent only once the text is safe; where that cannot be, the page stays and says why. */
  document.addEventListener("submit", async (event) => {
    const sent = event.target, button = event.submitter;
    if (sent.method !== "post" || sent.dataset.login !== undefined) return;
    if (!saver.pending() || saver.trouble === "closed") { leaving = true; return; }
    event.preventDefault();
    const mine = wish += 1, safe = await saver.settle();
    if (mine !== wish) return;
    if (safe) {
      leaving = true;
      sent.requestSubmit(button);
    } else stay();
  }, true);

  function stay() {
    const dialog = document.getElementById("login-again");
    if (saver.trouble === "login" && dialog && dialog.showModal) dialog.showModal();
    else if (saver.trouble || !saver.toCopies()) saver.state.scrollIntoView({ block: "nearest" });
  }

  /* A link waits for the text as well; if it cannot be saved, the browser asks before it goes. */
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute("download") || link.getAttribute("href").startsWith("#") || link.origin !== window.location.origin || !saver.pending()) return;
    event.preventDefault();
    const mine = wish += 1;
    await saver.settle();
    if (mine === wish) window.location.assign(link.href);
  });

  window.addEventListener("beforeunload", (event) => {
    if (leaving || !saver.pending()) return;
    event.preventDefault();
    event.returnValue = "";
  });
  window.addEventListener("pageshow", () => { leaving = false; });

  /* Sign in again in place: fetch a fresh form, send it, take over the new token, save what waits. */
  function signIn(login) {
    const refused = login.querySelector("[data-refused]");
    login.addEventListener("submit", async (event) => {
      event.preventDefault();
      refused.hidden = true;
      try {
        const page = parse(await (await fetch(login.dataset.login, { credentials: "same-origin" })).text());
        const body = new URLSearchParams(new FormData(login));
        body.set("csrfmiddlewaretoken", token(page));
        const after = page.querySelector("input[type=password]") ? parse(await (await fetch(login.dataset.login, { method: "POST", body, credentials: "same-origin" })).text()) : page;
        if (after.querySelector("input[type=password]")) return refuse(refused, after);
        all("input[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token(after) || input.value; });
        login.querySelector("[type=password]").value = "";
        login.closest("dialog").close();
        saver.trouble = "";
        saver.render();
        saver.soon(0);
      } catch (error) {
        refuse(refused, null);
      }
    });
  }

  /* The server's own sentence: it knows whether a name is locked for a while. */
  function refuse(place, page) {
    const said = page && page.querySelector(".yan-slip.fix li, .yan-slip.fix p, .invalid-feedback, .alert");
    place.textContent = said ? said.textContent.trim() : page ? "账号或密码不对，请再填一次。" : "连不上服务器，还没有登录。请稍后再试，写的内容都在。";
    place.hidden = false;
  }

  /* Choosing a file is enough: the form is sent with it, text included. Fields are drawn anew, so the form listens. */
  form.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.dataset.upload || !input.files.length) return;
    const button = form.querySelector("button[name=upload][value='" + input.dataset.upload + "']");
    if (button) form.requestSubmit(button);
  });

  const login = document.querySelector("[data-login]");
  if (login) signIn(login);
})();
