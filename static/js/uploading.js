/* Files in parts: a chosen or dropped file is sent piece by piece, goes on where it stopped when the line was cut or the
   page was opened again, and is checked as a whole at the end. Without this file the form sends it whole. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-uploads]"), saver = form && form.saver;
  if (!saver || !window.File || !File.prototype.slice) return;
  const PART = 1 << 20, RETRY = 3000;
  /* What is chosen is sent at once: the button that sends it would find nothing left to send. */
  form.classList.add("is-sending");
  const waits = (time) => new Promise((done) => window.setTimeout(done, time));
  const token = () => form.elements.csrfmiddlewaretoken.value;

  /* SHA-256 piece by piece (FIPS 180-4): the browser's own needs the whole file in memory, and a secure address. */
  const K = [], FIRST = [];
  for (let n = 2; K.length < 64; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) { prime = false; break; }
    if (!prime) continue;
    const root = (power) => { const value = Math.pow(n, power); return ((value - Math.floor(value)) * 4294967296) | 0; };
    if (FIRST.length < 8) FIRST.push(root(1 / 2));
    K.push(root(1 / 3));
  }
  class Digest {
    constructor() { this.h = FIRST.slice(); this.rest = new Uint8Array(0); this.length = 0; this.w = new Int32Array(64); }

    add(bytes) {
      this.length += bytes.length;
      const all = new Uint8Array(this.rest.length + bytes.length);
      all.set(this.rest);
      all.set(bytes, this.rest.length);
      const view = new DataView(all.buffer), whole = all.length - (all.length % 64);
      for (let at = 0; at < whole; at += 64) this.block(view, at);
      this.rest = all.slice(whole);
    }

    block(view, at) {
      const w = this.w, turn = (x, n) => (x >>> n) | (x << (32 - n));
      for (let i = 0; i < 16; i += 1) w[i] = view.getInt32(at + i * 4);
      for (let i = 16; i < 64; i += 1) {
        const a = w[i - 15], b = w[i - 2];
        w[i] = (w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
      }
      let [a, b, c, d, e, f, g, h] = this.h;
      for (let i = 0; i < 64; i += 1) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((value, i) => { this.h[i] = (this.h[i] + value) | 0; });
    }

    hex() {
      const bits = this.length * 8, pad = new Uint8Array(((this.rest.length + 72) & ~63) - this.rest.length);
      pad[0] = 0x80;
      const view = new DataView(pad.buffer);
      view.setUint32(pad.length - 8, Math.floor(bits / 4294967296));
      view.setUint32(pad.length - 4, bits >>> 0);
      this.add(pad);
      return this.h.map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
    }
  }

  const running = new Set();

  /* One file, from where the server has it to its end. */
  class Sending {
    constructor(file, name) { this.file = file; this.name = name; }

    say(words, done) {
      const place = document.querySelector("#div_id_" + this.name + " .yan-sending");
      if (!place) return;
      place.hidden = false;
      place.querySelector("[data-words]").textContent = words;
      const bar = place.querySelector("progress");
      bar.hidden = done === undefined;
      if (done !== undefined) bar.value = done;
    }

    async ask(url, body) {
      for (;;) {
        try {
          const answer = await fetch(url, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": token(), "X-Requested-With": "fetch", Accept: "application/json" } });
          if (answer.status < 500 && answer.status !== 401 && answer.status !== 403) return answer;
          if (answer.status === 401 || answer.status === 403) { saver.trouble = "login"; saver.render(); }
        } catch (error) { /* the line is away: the same is asked again */ }
        this.say(`“${this.file.name}”传到一半断了，连上以后接着传`);
        await waits(RETRY);
      }
    }

    begin() {
      const body = new URLSearchParams({ section: form.dataset.section, field: this.name, name: this.file.name, size: this.file.size });
      if (form.elements.uid) body.set("uid", form.elements.uid.value);
      return this.ask(form.dataset.uploads, body);
    }

    async piece(from) { return new Uint8Array(await this.file.slice(from, from + PART).arrayBuffer()); }

    async send(way) {
      let offset = way.offset;
      while (offset < this.file.size) {
        this.say(`“${this.file.name}”正在上传`, Math.floor((offset / this.file.size) * 100));
        const answer = await this.ask(way.part + "?offset=" + offset, await this.piece(offset));
        const body = await answer.json().catch(() => ({}));
        if (answer.status !== 200 && answer.status !== 409) throw new Error(body.message || "没有上传，请再选一次这个文件");
        offset = body.offset;
      }
    }

    async digest() {
      const sum = new Digest();
      for (let at = 0; at < this.file.size; at += PART) sum.add(await this.piece(at));
      return sum.hex();
    }

    async run() {
      const answer = await this.begin(), way = await answer.json().catch(() => ({}));
      if (answer.status !== 200) throw new Error(way.message || "没有上传，请再选一次这个文件");
      const sum = await this.digest();
      for (;;) {
        await this.send(way);
        const end = await this.ask(way.finish, new URLSearchParams({ sha256: sum })), body = await end.json().catch(() => ({}));
        if (end.status === 200) return body.message;
        if (end.status !== 409) throw new Error(body.message || "没有上传，请再选一次这个文件");
        way.offset = body.offset;
      }
    }
  }

  async function take(file, name) {
    if (!file || running.has(name)) return;
    running.add(name);
    const sending = new Sending(file, name);
    let words;
    try { words = await sending.run(); } catch (error) { words = error.message; }
    running.delete(name);
    saver.behind.set(name, {});
    await saver.refresh();
    sending.say(words);
  }

  const named = (target) => { const box = target.closest && target.closest("[data-drop]"); return box && box.dataset.drop; };
  /* Before anybody else sends the form with the file inside. */
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.form !== form || !input.dataset.upload || !input.files.length) return;
    event.stopPropagation();
    take(input.files[0], input.dataset.upload);
    input.value = "";
  }, true);
  form.addEventListener("dragover", (event) => { if (named(event.target)) event.preventDefault(); });
  form.addEventListener("drop", (event) => {
    const name = named(event.target);
    if (!name) return;
    event.preventDefault();
    take(event.dataTransfer.files[0], name);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!running.size) return;
    event.preventDefault();
    event.returnValue = "";
  });
})();
