/* Autosave: only what changed, never twice at once, nothing thrown away. Without this file the form is a plain form.
   What waits to be sent lies in the page's memory. Contract: 200 and 422 are saved; 409 tells what others changed since
   (or that the form is closed); 401 asks to sign in again; no answer means the line or the server is away: try again. */
(function () {
  "use strict";
  const PAUSE = 1200, LONGEST = 8000, RETRY = 3000, PATIENCE = 20000;
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const clock = (iso) => new Date(iso).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  const box = (name, root) => (root || document).getElementById("div_id_" + name);

  class Autosave {
    constructor(form) {
      this.form = form;
      this.url = form.dataset.autosave;
      this.here = form.getAttribute("action") || window.location.href;
      this.version = form.querySelector("[data-version]");
      this.base = form.querySelector("[data-base]");
      this.state = form.querySelector(".yan-save");
      this.page = Array.from(crypto.getRandomValues(new Uint8Array(8)), (one) => one.toString(16).padStart(2, "0")).join("");
      this.dirty = new Set();          // fields with text the server does not have
      this.sent = null;                // fields on their way
      this.conflicts = new Map();      // fields two people changed: shown side by side, sent when chosen
      this.behind = new Map();         // fields only others changed whose new content is not on the page yet
      this.trouble = "";               // offline, server, login, refused, closed
      this.words = {};
      this.since = 0;
      /* The page's list of what is wrong; once it shows one (or was asked to), it follows every save. */
      this.listed = document.querySelector("[data-problems]");
      const whole = new URLSearchParams(window.location.search).has("checked");
      this.follows = this.listed && (whole || this.listed.firstElementChild) ? (whole ? "all" : "begun") : "";
      form.addEventListener("input", (event) => this.touch(event.target));
      form.addEventListener("change", (event) => this.touch(event.target));
      window.addEventListener("online", () => this.soon(0));
      document.addEventListener("visibilitychange", () => { if (document.hidden) this.soon(0); });
    }

    /* The field an input belongs to: its table or list of indicators, or its own name. */
    field(input) {
      const block = input.closest("[data-field]");
      return block ? block.dataset.field : input.name;
    }

    touch(input) {
      /* A control of another form, such as the number of a scenario, stands here but is not saved here. */
      if (!input.name || input.form !== this.form || input.type === "file" || input.type === "hidden") return;
      const name = this.field(input);
      this.dirty.add(name);
      if (this.behind.has(name)) this.compare(name, this.behind.get(name));
      this.recompute(input);
      this.render();
      /* A pause, but not for ever: who types without stopping is saved all the same. */
      if (!this.since) this.since = Date.now();
      if (!this.trouble || this.trouble === "refused") this.soon(Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now())));
    }

    ready() { return new Set(Array.from(this.dirty).filter((name) => !this.conflicts.has(name))); }

    pending() { return this.dirty.size > 0 || this.sent !== null; }

    soon(wait) {
      window.clearTimeout(this.timer);
      if (this.dirty.size) this.timer = window.setTimeout(() => this.send(), wait);
    }

    /* Save everything now; true when nothing is left to save. */
    async settle() {
      for (let round = 0; round < 4 && this.pending(); round += 1) {
        if (this.sent) await this.running;
        else if (!this.ready().size) break;
        else await this.send();
        if (this.trouble) break;
      }
      return !this.pending();
    }

    /* Everything a field sends: all cells of a table, all ticked boxes. */
    collect(fields) {
      const body = new URLSearchParams();
      body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      body.set("version", this.version.value);
      body.set("page", this.page);
      if (this.follows) body.set("follow", this.follows);
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

    send() {
      window.clearTimeout(this.timer);
      const fields = this.ready();
      if (this.sent || !fields.size || this.trouble === "closed") return this.running;
      this.running = this.deliver(fields);
      return this.running;
    }

    async deliver(fields) {
      this.sent = fields;
      this.since = 0;
      fields.forEach((name) => this.dirty.delete(name));
      this.render();
      const limit = new AbortController(), alarm = window.setTimeout(() => limit.abort(), PATIENCE);
      try {
        const answer = await fetch(this.url, { method: "POST", body: this.collect(fields), credentials: "same-origin", signal: limit.signal, headers: { "X-Requested-With": "fetch", Accept: "application/json" } });
        await this.take(answer, fields);
      } catch (error) {
        this.give(fields);
        this.trouble = "offline";
      }
      window.clearTimeout(alarm);
      this.sent = null;
      this.render();
      if (this.trouble === "offline" || this.trouble === "server") this.soon(RETRY);
      else if (!this.trouble) this.soon(this.again ? 0 : PAUSE);
      this.again = false;
    }

    /* What could not be saved waits again. */
    give(fields) { fields.forEach((name) => this.dirty.add(name)); }

    async take(answer, fields) {
      if (answer.status === 200 || answer.status === 422) return this.saved(await answer.json(), fields);
      this.give(fields);
      if (answer.status === 401) { this.trouble = "login"; return; }
      if (answer.status === 403) return this.renew();
      if (answer.status === 409) return this.stale(await answer.json());
      this.trouble = answer.status >= 500 ? "server" : "refused";
    }

    saved(body, fields) {
      this.trouble = "";
      this.renewed = false;
      this.advance(body.version);
      this.remember(body.marks || {});
      this.marks(fields, body.problems || []);
      if ("slip" in body) this.follow(body, fields);
      this.at = clock(body.saved_at);
    }

    /* Every form of the page that names the version, such as the buttons of the list, goes on from this one. */
    advance(version) {
      all("[data-version]").forEach((input) => { input.value = version; });
    }

    /* What the server now has counts as unchanged, should the form be sent as a whole later. */
    remember(marks) {
      this.base.value = JSON.stringify(Object.assign(JSON.parse(this.base.value || "{}"), marks));
    }

    /* The page's token is of an earlier sign-in: fetch the page's new one; if that asks to sign in, so do we. */
    async renew() {
      const answer = await fetch(this.here, { credentials: "same-origin", headers: { "X-Background": "1", "X-Requested-With": "fetch" } });
      const token = parse(await answer.text()).querySelector("form[data-autosave] input[name=csrfmiddlewaretoken]");
      if (!token) { this.trouble = answer.status === 401 ? "login" : "refused"; return; }
      all("input[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token.value; });
      this.trouble = this.renewed ? "refused" : "";
      this.renewed = this.again = true;
    }

    /* The list above the form, the marks of the other fields and the rail as the server would now draw them. */
    follow(body, fields) {
      const others = all("[id^=div_id_]", this.form).map((one) => one.id.slice(7)).filter((name) => !fields.has(name) && !this.dirty.has(name));
      this.marks(others, body.problems || [], true);
      const rail = document.querySelector(".yan-rail"), now = parse(body.rail).querySelector(".yan-rail");
      if (rail && now && !rail.contains(document.activeElement)) rail.replaceWith(document.importNode(now, true));
      if (body.slip === this.slip) return;
      this.slip = body.slip;
      const at = this.listed.contains(document.activeElement) && document.activeElement.getAttribute("href");
      this.listed.replaceChildren(...Array.from(parse(body.slip).body.childNodes, (one) => document.importNode(one, true)));
      const slip = this.listed.firstElementChild;
      document.title = (slip ? "要改正：" : "") + document.title.replace(/^要改正：/, "");
      if (!slip) return;
      slip.setAttribute("role", "group");  /* read when one comes to it, not after every pause */
      if (at !== false) (all("a", slip).find((one) => one.getAttribute("href") === at) || slip).focus({ preventScroll: true });
    }

    /* Problems found while saving stand on their fields at once; a field without any is cleared. */
    marks(fields, problems, changed) {
      fields.forEach((name) => {
        const host = box(name);
        if (!host) return;
        const mine = problems.filter((one) => one.field.split(".").pop() === name);
        if (changed && mine.map((one) => one.message).join() === all(".invalid-feedback", host).map((one) => one.textContent.trim()).join()) return;
        all(".invalid-feedback", host).forEach((old) => old.remove());
        all(".is-invalid", host).forEach((old) => { old.classList.remove("is-invalid"); old.removeAttribute("aria-invalid"); });
        const control = host.querySelector(".form-control, .form-select, .form-check-input, .yan-cells, .yan-choices");
        if (mine.length && control) control.classList.add("is-invalid");
        mine.forEach((one) => {
          const words = document.createElement("div");
          words.className = "invalid-feedback";
          words.innerHTML = "<strong></strong>";
          const cell = one.cell && this.cell(host, one.cell);
          words.firstChild.append(cell ? this.pointer(cell, one.message) : one.message);
          (host.querySelector("fieldset") || host).append(words);
        });
      });
    }

    /* The control a problem names; the server counts the rows of a table without those that are blank or taken out. */
    cell(host, name) {
      const [field, place, key] = name.split("-");
      if (!this.form.elements[field + "-rows"]) return this.form.elements[name];
      const rows = all("tbody tr", host).filter((row) => {
        const gone = row.querySelector("[name$='-gone']");
        return !(gone && gone.checked) && all("input:not([type=checkbox]), select", row).some((one) => one.value.trim());
      });
      return rows[place] && all("input, select", rows[place]).find((one) => one.name.split("-")[2] === key);
    }

    /* Words that lead to the cell, which is marked as wrong. */
    pointer(cell, message) {
      cell.classList.add("is-invalid");
      cell.setAttribute("aria-invalid", "true");
      const link = document.createElement("a");
      link.href = "#" + cell.id;
      link.textContent = message;
      return link;
    }

    /* Somebody saved in between. Fields only they changed are taken over; fields both changed are shown side by side. */
    stale(body) {
      if (body.closed) {
        this.trouble = "closed";
        this.words = { message: body.message };
        return;
      }
      this.trouble = "";
      this.advance(body.version);
      const others = Object.entries(body.fields);
      others.filter(([name]) => this.dirty.has(name)).forEach(([name, other]) => this.compare(name, other));
      const away = others.filter(([name]) => !this.dirty.has(name));
      away.filter(([name, other]) => !this.adopt(name, other.theirs)).forEach(([name, other]) => this.behind.set(name, other));
      if (this.behind.size) this.refresh();
      this.again = true;
    }

    /* Put another's value into a plain field; false for tables and the like, which are drawn anew. */
    adopt(name, value) {
      const input = this.form.elements[name];
      if (!input || (typeof value === "object" && value !== null)) return false;
      if (input instanceof RadioNodeList) {
        const word = value === true ? "yes" : value === false ? "no" : String(value);
        Array.from(input).forEach((one) => { one.checked = one.value === word; });
      } else if (input.type === "checkbox") {
        return false;
      } else {
        input.value = value === null ? "" : value;
        input.dispatchEvent(new Event("yan:adopted"));
      }
      return true;
    }

    /* Draw anew what others changed: the page as it stands now is fetched, and untouched fields are taken from it. */
    async refresh(round) {
      try {
        const page = parse(await (await fetch(this.here, { credentials: "same-origin", headers: { "X-Background": "1" } })).text());
        const marks = JSON.parse(page.querySelector("[data-base]").value);
        Array.from(this.behind.keys()).forEach((name) => {
          const old = box(name), now = page.getElementById("div_id_" + name);
          if (this.dirty.has(name) || !old || !now) return;
          old.replaceWith(document.importNode(now, true));
          this.behind.delete(name);
          this.remember({ [name]: marks[name] });
        });
        this.outside(page);
      } catch (error) {
        if ((round || 0) < 20) window.setTimeout(() => this.refresh((round || 0) + 1), RETRY);
      }
    }

    /* The list's own forms stand outside the part's: they are taken over with the list. */
    outside(page) {
      const old = document.getElementById("instance-forms"), now = page.getElementById("instance-forms");
      if (!old || !now) return;
      old.replaceWith(document.importNode(now, true));
      this.advance(this.version.value);
      document.dispatchEvent(new Event("yan:redrawn"));
    }

    compare(name, other) {
      this.conflicts.set(name, other);
      this.behind.delete(name);
      const host = box(name), template = document.getElementById("theirs-box");
      if (!host || !template) return;
      all(".yan-theirs", host).forEach((old) => old.remove());
      const shown = template.content.cloneNode(true).firstElementChild;
      shown.querySelector("[data-by]").textContent = other.by;
      shown.querySelector("[data-at]").textContent = clock(other.at);
      shown.querySelector("[data-text]").textContent = this.text(other.theirs);
      all("[data-choose]", shown).forEach((button) => button.addEventListener("click", () => this.choose(name, button.dataset.choose, shown)));
      host.append(shown);
    }

    text(value) {
      if (value === true || value === false) return value ? "是" : "否";
      if (Array.isArray(value)) return value.map((row) => (typeof row === "object" ? Object.values(row).join("　") : row)).join("\n") || "（空）";
      if (value && typeof value === "object") return Object.entries(value).map(([key, row]) => key + "：" + Object.values(row).join("　")).join("\n");
      return value === null || value === "" ? "（空）" : String(value);
    }

    choose(name, side, shown) {
      const other = this.conflicts.get(name);
      this.conflicts.delete(name);
      shown.remove();
      if (side === "theirs") {
        this.dirty.delete(name);
        this.at = clock(other.at);
        if (!this.adopt(name, other.theirs)) { this.behind.set(name, other); this.refresh(); }
      }
      this.render();
      this.soon(0);
    }

    label(name) {
      const label = box(name) && box(name).querySelector("label, legend");
      return label ? label.textContent.replace("*", "").trim() : name;
    }

    /* The one sentence about what is safe, always worked out from the facts. */
    render() {
      const [first, other] = Array.from(this.conflicts)[0] || [];
      if (this.trouble === "closed") return this.show("closed", this.words);
      if (this.trouble) return this.show(this.trouble);
      if (first) return this.show("conflict", { by: other.by, label: this.label(first) });
      if (this.sent) return this.show("saving");
      if (this.dirty.size) return this.show("dirty");
      if (this.at) this.show("saved", { at: this.at });
    }

    show(state, words) {
      const template = document.getElementById("save-" + state);
      const said = state + JSON.stringify(words || {});
      if (!this.state || !template || this.said === said) return;
      this.said = said;
      this.state.className = "yan-save " + ({ login: "conflict", closed: "conflict", refused: "conflict", server: "offline" }[state] || state);
      this.state.replaceChildren(template.content.cloneNode(true));
      Object.entries(words || {}).forEach(([name, text]) => {
        const place = this.state.querySelector("[data-" + name + "]");
        if (place) place.textContent = text;
      });
      all("[data-compare]", this.state).forEach((button) => button.addEventListener("click", () => this.toCopies()));
    }

    /* Lead to the first two copies that wait for a choice. */
    toCopies() {
      const copies = document.querySelector(".yan-theirs");
      if (!copies) return false;
      copies.scrollIntoView({ block: "center" });
      copies.querySelector("button").focus({ preventScroll: true });
      return true;
    }

    /* The percentage that follows from before and after, shown at once; the server computes it again when it saves. */
    recompute(input) {
      const row = input.closest("[data-kind=change]");
      if (!row) return;
      const block = row.closest("[data-decreasing]"), out = row.querySelector("[data-change]");
      const value = (name) => {
        const input = row.querySelector("[name$='-" + name + "']"), text = input.value.replace(/[,，\s]/g, "");
        const found = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text) ? parseFloat(text) : NaN;
        const { low, high } = input.dataset;
        return (low && found < parseFloat(low)) || (high && found > parseFloat(high)) ? NaN : found;
      };
      const before = value("before"), after = value("after");
      if (!isFinite(before) || !isFinite(after) || before === 0) { out.textContent = "—"; return; }
      const falls = block.dataset.decreasing.split(" ").includes(row.dataset.indicator);
      out.textContent = (((falls ? before - after : after - before) / Math.abs(before)) * 100).toFixed(2) + "%";
    }
  }

  const form = document.querySelector("form[data-autosave]");
  if (form) form.saver = new Autosave(form);
})();
