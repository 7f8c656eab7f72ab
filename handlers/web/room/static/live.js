// Keeps the page as it would now be drawn: parts come ready from the server as server-sent events. Rings for calls.
"use strict";
(() => {
  const body = document.body;
  if (!body.dataset.events) return;
  const byId = (id) => document.getElementById(id);
  const log = document.querySelector(".log");
  const title = document.title;
  const MOST_SEEN = 40;
  let after = body.dataset.after;
  let source = null;
  let missed = 0;
  let calls = 0;
  let lostTimer = 0;

  // --- Drawing ------------------------------------------------------------------------------------------------------

  function fragment(html) {
    const template = document.createElement("template");
    template.innerHTML = html; // drawn and escaped by our own server
    return template.content;
  }

  // Swaps a part and leaves the keyboard where it was: on the button or link of the same key.
  function swap(target, replace) {
    const key = target.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const openness = [...target.querySelectorAll("details")].map((one) => one.open);
    const now = replace() ?? target;
    now.querySelectorAll("details").forEach((one, place) => { if (place in openness) one.open = openness[place]; });
    if (key !== undefined) [...now.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
  }

  function fill(id, html) {
    const part = byId(id);
    if (part && part.innerHTML.trim() !== html.trim()) swap(part, () => part.replaceChildren(fragment(html)));
  }

  function drawMessage(html) {
    const list = byId("messages");
    const item = fragment(html).querySelector("li");
    const before = byId(item.id);
    if (before) {
      swap(before, () => { before.replaceWith(item); return item; });
      return group(list);
    }
    const seq = Number(item.dataset.seq);
    const next = [...list.children].reverse().find((one) => Number(one.dataset.seq) < seq);
    item.classList.add("is-fresh");
    if (next) next.after(item); else list.prepend(item);
    group(list);
    // In a column that starts at its end, being above the end is a negative offset.
    if (log && log.scrollTop < -80 && !item.classList.contains("is-own")) byId("below").hidden = false;
    else if (log) log.scrollTop = 0;
    if (document.hidden && !item.classList.contains("is-own")) { missed += 1; retitle(); }
  }

  // What one author says within five minutes is one turn: the face and the name stand once.
  const TURN_MS = 300_000;
  function group(list) {
    let before = null;
    for (const item of list.children) {
      const at = Date.parse(item.querySelector("time").dateTime);
      const isMore = before && before.dataset.author === item.dataset.author && !item.querySelector(".by .mark")
        && at - Date.parse(before.querySelector("time").dateTime) < TURN_MS;
      item.classList.toggle("is-more", Boolean(isMore));
      before = item;
    }
  }

  function drawPinned(html) {
    fill("pinned", html);
    byId("main").classList.add("has-pin");
    fold();
  }

  // Above the talk, on a phone or a low window, the card would leave no room for it: its words start folded there, its
  // buttons stay at hand.
  function fold() {
    const pin = document.querySelector("#pinned details");
    if (pin && !pin.dataset.folded) {
      pin.dataset.folded = "yes";
      pin.open = !matchMedia("(max-width: 44rem), (max-width: 75.99rem) and (max-height: 60rem)").matches;
    }
  }

  // --- What was seen ------------------------------------------------------------------------------------------------

  function remember() {
    if (!body.dataset.room || document.hidden) return;
    const room = body.dataset.room;
    const kept = (/(?:^|; )tocsin_seen=([^;]*)/.exec(document.cookie)?.[1] ?? "").split("~").filter((part) => part && !part.startsWith(`${room}.`));
    const value = [`${room}.${after.split(".")[0]}`, ...kept].slice(0, MOST_SEEN).join("~");
    document.cookie = `tocsin_seen=${value}; path=/; max-age=31536000; samesite=strict`;
  }

  function retitle() {
    const mark = calls ? "🔔 " : "";
    document.title = mark + (missed ? `(${missed}) ` : "") + title;
  }

  // --- Calls --------------------------------------------------------------------------------------------------------

  const ring = byId("ring");
  let audio = null;

  function drawRing() {
    const isOn = localStorage.getItem("tocsin-ring") === "on";
    ring.hidden = !("AudioContext" in window);
    ring.setAttribute("aria-pressed", String(isOn));
    ring.textContent = isOn ? ring.dataset.on : ring.dataset.off;
    return isOn;
  }

  // A bell is a few partials that are not harmonics, each fading at its own pace.
  function strike(delay, loudness) {
    const start = audio.currentTime + delay;
    for (const [ratio, gain, seconds] of [[1, 1, 2.4], [2, 0.6, 1.6], [2.4, 0.5, 1.2], [3, 0.25, 0.9], [4.5, 0.2, 0.5]]) {
      const tone = audio.createOscillator();
      const level = audio.createGain();
      tone.frequency.value = 392 * ratio;
      level.gain.setValueAtTime(gain * loudness, start);
      level.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
      tone.connect(level).connect(audio.destination);
      tone.start(start);
      tone.stop(start + seconds);
    }
  }

  function toll(times, loudness) {
    audio ??= new AudioContext();
    audio.resume().then(() => { for (let i = 0; i < times; i += 1) strike(i * 0.9, loudness); }, () => {});
  }

  function call(html) {
    const box = fragment(html).querySelector(".call");
    if (byId(box.id)) return;
    if (body.dataset.room !== body.dataset.own) byId("calls").prepend(box);
    calls += 1;
    retitle();
    if (!drawRing()) return;
    toll(3, 0.2);
    if (document.hidden && "Notification" in window && Notification.permission === "granted") {
      const note = new Notification(box.getAttribute("aria-label"), { body: box.querySelector(".words").textContent, tag: box.id });
      note.addEventListener("click", () => { window.focus(); note.close(); });
    }
  }

  ring.addEventListener("click", () => {
    const isOn = localStorage.getItem("tocsin-ring") === "on";
    localStorage.setItem("tocsin-ring", isOn ? "off" : "on");
    if (drawRing()) {
      toll(1, 0.1);
      if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
    }
  });

  // --- The stream ---------------------------------------------------------------------------------------------------

  const handlers = {
    message: drawMessage,
    pinned: drawPinned,
    head: (html) => fill("head", html),
    rooms: (html) => fill("rooms", html),
    call,
    mark: remember,
    reload: () => location.reload(),
  };

  function trouble(isLost) {
    const line = byId("trouble");
    clearTimeout(lostTimer);
    if (isLost) lostTimer = setTimeout(() => { line.textContent = line.dataset.offline; line.hidden = false; }, 3000);
    else line.hidden = true;
  }

  function open() {
    if (source) return;
    source = new EventSource(`${body.dataset.events}?after=${after}`);
    source.addEventListener("open", () => trouble(false));
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => { after = event.lastEventId || after; handle(event.data); });
    }
    source.addEventListener("error", async () => {
      trouble(true);
      if (source.readyState !== EventSource.CLOSED) return;
      close();
      const answer = await fetch("/suggestions", { headers: { "X-Requested-With": "tocsin" } }).catch(() => null);
      if (answer?.status === 401) location.reload();
      else setTimeout(open, 5000);
    });
  }

  function close() {
    source?.close();
    source = null;
  }

  // A browser opens six connections to one host: of many hidden tabs, one stays to hear calls and the rest let go.
  // They queue for the lock, so that another takes over when that tab is closed.
  const GRANT_MS = 1000;
  let isQueued = false;
  let isListener = false;

  function listen() {
    if (isQueued) return;
    isQueued = true;
    navigator.locks.request("tocsin-listener", () => {
      isListener = true;
      open();
      return new Promise(() => {}); // held until this tab is closed
    });
  }

  function settle() {
    if (!document.hidden) {
      missed = calls = 0;
      retitle();
      open();
      remember();
    } else if (navigator.locks) {
      listen();
      setTimeout(() => { if (document.hidden && !isListener) close(); }, GRANT_MS);
    }
  }

  document.addEventListener("visibilitychange", settle);
  byId("below")?.addEventListener("click", () => { log.scrollTop = 0; byId("below").hidden = true; });
  log?.addEventListener("scroll", () => { if (log.scrollTop > -80) byId("below").hidden = true; }, { passive: true });
  if (byId("messages")) group(byId("messages"));
  drawRing();
  fold();
  open();
  remember();
})();
