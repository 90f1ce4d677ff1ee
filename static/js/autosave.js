/* Autosave: only what changed, never twice at once, nothing thrown away. Without this file the form is a plain form.
   Contract: 200 and 422 are saved; 409 tells what others changed since; 401 asks to sign in again; no answer means offline. */
(function () {
  "use strict";
  const PAUSE = 1200, RETRY = 5000;
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  class Autosave {
    constructor(form) {
      this.form = form;
      this.url = form.dataset.autosave;
      this.version = form.querySelector("[data-version]");
      this.base = form.querySelector("[data-base]");
      this.state = form.querySelector(".yan-save");
      this.dirty = new Set();
      this.sending = null;
      this.conflicts = new Map();
      this.timer = 0;
      form.addEventListener("input", (event) => this.touch(event.target));
      form.addEventListener("change", (event) => this.touch(event.target));
      form.addEventListener("submit", () => { this.leaving = true; });
      window.addEventListener("online", () => this.soon(0));
      window.addEventListener("beforeunload", (event) => { if (!this.leaving && this.pending()) event.preventDefault(); });
      document.addEventListener("visibilitychange", () => { if (document.hidden) this.soon(0); });
    }

    /* The field an input belongs to: its table or list of indicators, or its own name. */
    field(input) {
      const block = input.closest("[data-field]");
      return block ? block.dataset.field : input.name;
    }

    touch(input) {
      if (!input.name || input.type === "file" || input.type === "hidden") return;
      this.dirty.add(this.field(input));
      if (this.conflicts.size === 0) this.show("dirty");
      this.recompute(input);
      this.soon(PAUSE);
    }

    pending() { return this.dirty.size > 0 || this.sending !== null; }

    soon(wait) {
      window.clearTimeout(this.timer);
      if (this.dirty.size) this.timer = window.setTimeout(() => this.send(), wait);
    }

    /* Everything a field sends: all cells of a table, all ticked boxes. */
    collect(fields) {
      const body = new URLSearchParams();
      body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      body.set("version", this.version.value);
      if (this.form.elements.uid) body.set("uid", this.form.elements.uid.value);
      const multiple = (this.form.elements.multiple.value || "").split(",").filter((name) => fields.has(name));
      if (multiple.length) body.set("multiple", multiple.join(","));
      new FormData(this.form).forEach((value, name) => {
        if (typeof value !== "string") return;
        const owner = this.owner(name);
        if (owner && fields.has(owner)) body.append(name, value);
      });
      return body;
    }

    owner(name) {
      const input = this.form.elements[name];
      const one = input instanceof RadioNodeList ? input[0] : input;
      return one ? this.field(one) : name;
    }

    async send() {
      if (this.sending || !this.dirty.size || this.closed) return;
      const fields = new Set(Array.from(this.dirty).filter((name) => !this.conflicts.has(name)));
      if (!fields.size) return;
      this.sending = fields;
      fields.forEach((name) => this.dirty.delete(name));
      this.show("saving");
      let answer = null;
      try {
        answer = await fetch(this.url, { method: "POST", body: this.collect(fields), credentials: "same-origin", headers: { "X-Requested-With": "fetch", Accept: "application/json" } });
        await this.take(answer, fields);
      } catch (error) {
        fields.forEach((name) => this.dirty.add(name));
        this.show("offline");
        this.timer = window.setTimeout(() => this.send(), RETRY);
      } finally {
        this.sending = null;
      }
      if (this.dirty.size && answer && answer.ok) this.soon(PAUSE);
    }

    async take(answer, fields) {
      if (answer.status === 200 || answer.status === 422) return this.saved(await answer.json(), fields);
      fields.forEach((name) => this.dirty.add(name));
      if (answer.status === 401 || answer.status === 403) return this.show("login");
      if (answer.status === 409) return this.refused(await answer.json(), fields);
      throw new Error(String(answer.status));
    }

    saved(body, fields) {
      this.version.value = body.version;
      this.forget(fields);
      this.marks(fields, body.problems || []);
      const at = new Date(body.saved_at);
      if (this.conflicts.size) return;
      this.show(this.dirty.size ? "dirty" : "saved", { at: at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false }) });
    }

    /* What the server now has counts as unchanged, should the form be sent as a whole later. */
    forget(fields) {
      const base = JSON.parse(this.base.value || "{}");
      fields.forEach((name) => { delete base[name]; });
      this.base.value = JSON.stringify(base);
    }

    /* Problems found while saving stand on their fields at once; a field without any is cleared. */
    marks(fields, problems) {
      fields.forEach((name) => {
        const box = document.getElementById("div_id_" + name);
        if (!box) return;
        all(".invalid-feedback", box).forEach((old) => old.remove());
        all(".is-invalid", box).forEach((old) => old.classList.remove("is-invalid"));
        const mine = problems.filter((one) => one.level !== "warning" && one.field.split(".").pop() === name);
        const control = box.querySelector(".form-control, .form-select, .form-check-input, .yan-cells, .yan-choices");
        if (!mine.length || !control) return;
        control.classList.add("is-invalid");
        mine.forEach((one) => {
          const words = document.createElement("div");
          words.className = "invalid-feedback";
          words.innerHTML = "<strong></strong>";
          words.firstChild.textContent = one.message;
          (box.querySelector("fieldset") || box).append(words);
        });
      });
    }

    /* Somebody saved in between. Fields only they changed are taken over; fields both changed are shown side by side. */
    refused(body, fields) {
      if (body.closed) {
        this.closed = true;
        return this.show("closed", { message: body.message });
      }
      this.version.value = body.version;
      Object.entries(body.fields).forEach(([name, other]) => {
        if (this.dirty.has(name)) this.compare(name, other);
        else this.adopt(name, other.theirs);
      });
      if (this.conflicts.size === 0) return this.soon(0);
      if (Array.from(this.dirty).some((name) => !this.conflicts.has(name))) this.soon(50);
      const [name, other] = Array.from(this.conflicts)[0];
      this.show("conflict", { by: other.by, label: this.label(name) });
    }

    label(name) {
      const box = document.getElementById("div_id_" + name);
      const label = box && box.querySelector("label, legend");
      return label ? label.textContent.replace("*", "").trim() : name;
    }

    /* Put another's value into a plain field; tables are drawn anew by loading the page. */
    adopt(name, value) {
      const input = this.form.elements[name];
      if (!input || typeof value === "object") return value !== null && this.stale(name);
      if (input instanceof RadioNodeList) {
        const word = value === true ? "yes" : value === false ? "no" : String(value);
        Array.from(input).forEach((one) => { one.checked = one.value === word; });
      } else if (input.type !== "checkbox") {
        input.value = value;
        input.dispatchEvent(new Event("yan:adopted"));
      }
    }

    stale(name) {
      const box = document.getElementById("div_id_" + name);
      if (!box || box.querySelector(".yan-theirs")) return;
      const words = document.createElement("p");
      words.className = "yan-theirs";
      words.textContent = "这一项刚被别人改过，刷新页面后看到的是新内容。";
      box.append(words);
    }

    compare(name, other) {
      this.conflicts.set(name, other);
      const host = document.getElementById("div_id_" + name), template = document.getElementById("theirs-box");
      if (!host || !template) return;
      all(".yan-theirs", host).forEach((old) => old.remove());
      const box = template.content.cloneNode(true).firstElementChild;
      box.querySelector("[data-by]").textContent = other.by;
      box.querySelector("[data-at]").textContent = new Date(other.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
      box.querySelector("[data-text]").textContent = this.words(other.theirs);
      all("[data-choose]", box).forEach((button) => button.addEventListener("click", () => this.choose(name, button.dataset.choose, box)));
      host.append(box);
    }

    words(value) {
      if (value === true || value === false) return value ? "是" : "否";
      if (Array.isArray(value)) return value.map((row) => (typeof row === "object" ? Object.values(row).join("　") : row)).join("\n") || "（空）";
      if (value && typeof value === "object") return Object.entries(value).map(([key, row]) => key + "：" + Object.values(row).join("　")).join("\n");
      return value === null || value === "" ? "（空）" : String(value);
    }

    choose(name, side, box) {
      const other = this.conflicts.get(name);
      this.conflicts.delete(name);
      box.remove();
      if (side === "theirs") {
        this.dirty.delete(name);
        if (typeof other.theirs === "object" && other.theirs !== null) { window.location.reload(); return; }
        this.adopt(name, other.theirs);
      }
      if (this.dirty.size) this.soon(0);
      else if (!this.conflicts.size) this.show("saved", { at: "" });
    }

    show(state, words) {
      const template = document.getElementById("save-" + state);
      if (!this.state || !template) return;
      const shown = { login: "conflict", closed: "conflict" }[state] || state;
      this.state.className = "yan-save " + shown;
      this.state.replaceChildren(template.content.cloneNode(true));
      Object.entries(words || {}).forEach(([name, text]) => {
        const place = this.state.querySelector("[data-" + name + "]");
        if (place) place.textContent = text;
      });
    }

    /* The percentage that follows from before and after, shown at once; the server computes it again when it saves. */
    recompute(input) {
      const row = input.closest("[data-kind=change]");
      if (!row) return;
      const block = row.closest("[data-decreasing]"), out = row.querySelector("[data-change]");
      const value = (name) => parseFloat((row.querySelector("[name$='-" + name + "']").value || "").replace(/[,，\s]/g, ""));
      const before = value("before"), after = value("after");
      if (!isFinite(before) || !isFinite(after) || before === 0) { out.textContent = "—"; return; }
      const falls = block.dataset.decreasing.split(" ").includes(row.dataset.indicator);
      out.textContent = (((falls ? before - after : after - before) / Math.abs(before)) * 100).toFixed(2) + "%";
    }
  }

  /* Sign in again without leaving the page: fetch a fresh form, send it, take over the new token, save what waits. */
  function signIn(saver) {
    const form = document.querySelector("[data-login]");
    if (!form) return;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const refused = form.querySelector("[data-refused]");
      refused.hidden = true;
      try {
        const page = parse(await (await fetch(form.dataset.login, { credentials: "same-origin" })).text());
        const body = new URLSearchParams(new FormData(form));
        body.set("csrfmiddlewaretoken", token(page));
        const answer = await fetch(form.dataset.login, { method: "POST", body, credentials: "same-origin" });
        const after = parse(await answer.text());
        if (!answer.ok || after.querySelector("input[type=password]")) { refused.hidden = false; return; }
        all("input[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token(after) || input.value; });
        form.querySelector("[type=password]").value = "";
        form.closest("dialog").close();
        saver.soon(0);
      } catch (error) {
        saver.show("offline");
      }
    });
  }

  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  const token = (page) => { const input = page.querySelector("input[name=csrfmiddlewaretoken]"); return input ? input.value : ""; };

  /* Choosing a file is enough: the form is sent with it, text included. */
  function uploads(form) {
    all("[data-upload]", form).forEach((input) => input.addEventListener("change", () => {
      const button = form.querySelector("button[name=upload][value='" + input.dataset.upload + "']");
      if (input.files.length && button) form.requestSubmit(button);
    }));
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-autosave]");
    if (!form) return;
    const saver = new Autosave(form);
    signIn(saver);
    uploads(form);
  });
})();
