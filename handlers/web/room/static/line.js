// The line at the bottom: Enter sends, Shift+Enter breaks the line, and what can be typed next is offered in a list.
"use strict";
(() => {
  const line = document.getElementById("text");
  const offers = document.getElementById("offers");
  if (!line) return;
  const FRESH_MS = 60_000;
  const MOST = 40;
  const isAlone = "alone" in line.dataset;
  let known = null;
  let knownAt = 0;
  let learning = null;
  let shown = [];
  let active = -1;

  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": "offers", "aria-expanded": "false", "aria-haspopup": "listbox",
  })) line.setAttribute(name, value);

  // Asked once for all letters typed meanwhile: an answer that came later would take away what was chosen by then.
  const learn = () => (learning ??= ask().finally(() => { learning = null; }));

  async function ask() {
    if (known && Date.now() - knownAt < FRESH_MS) return;
    try {
      const response = await fetch("/suggestions", { headers: { "X-Requested-With": "tocsin" } });
      if (!response.ok) return;
      known = await response.json();
      knownAt = Date.now();
    } catch { /* completion is a comfort: without it everything can still be typed */ }
  }

  const named = (names, mark = "") => names.map((name) => ({ value: `${mark}${name}`, title: `${mark}${name}` }));
  const starting = (all, start) => all.filter((one) => one.value.toLowerCase().startsWith(start.toLowerCase()));

  // What fits at the caret: the start of the word to be replaced, and the offers for it.
  function fitting() {
    if (!known || line.selectionStart !== line.selectionEnd) return [0, []];
    const before = line.value.slice(0, line.selectionStart);
    const call = /^\/?(?:(?:inc|incident|tocsin)\s+)?/i.exec(before)[0];
    const isCommand = before.startsWith("/") || (isAlone && before.length > 0);
    const word = /\S*$/.exec(before)[0];
    const at = before.length - word.length;
    if (isCommand && !/\s/.test(before.slice(call.length))) {
      const commands = known.commands.map((one) => ({ value: one.name, title: `${isAlone && !call ? "" : "/"}${one.name}`, usage: one.usage, summary: one.summary }));
      return [call.length, starting(commands, before.slice(call.length))];
    }
    if (word.startsWith("@")) return [at, starting([...named(known.people, "@"), ...named(known.teams, "@")], word)];
    const incidents = known.incidents.map((one) => ({ value: one.name, title: one.name, summary: one.summary }));
    if (/^(#|inc)/i.test(word)) {
      const number = word.replace(/^(#|inc-?)/i, "");
      return [at, incidents.filter((one) => one.value.slice(4).startsWith(number))];
    }
    if (!isCommand) return [at, []];
    const verb = before.slice(call.length).split(/\s/, 1)[0].toLowerCase();
    if (word.startsWith("--")) {
      return [at, starting(named(known.commands.find((one) => one.name === verb)?.options ?? [], "--"), word)];
    }
    if (word.length < 2) return [at, []];
    return [at, starting(named([...known.services, ...known.people, ...known.teams]), word)];
  }

  function span(kind, text) {
    const element = document.createElement(kind === "title" ? "b" : "span");
    element.className = kind;
    element.textContent = text;
    return element;
  }

  function close() {
    offers.hidden = true;
    offers.replaceChildren();
    shown = [];
    active = -1;
    line.setAttribute("aria-expanded", "false");
    line.removeAttribute("aria-activedescendant");
  }

  function redraw() {
    const [, fit] = fitting();
    const typed = /\S*$/.exec(line.value.slice(0, line.selectionStart))[0];
    if (!fit.length || (fit.length === 1 && fit[0].value === typed)) return close();
    shown = fit.slice(0, MOST);
    active = -1;
    offers.replaceChildren(...shown.map((one, place) => {
      const item = document.createElement("li");
      item.id = `offer-${place}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      for (const part of ["title", "usage", "summary"]) if (one[part]) item.append(span(part, one[part]));
      return item;
    }));
    offers.hidden = false;
    line.setAttribute("aria-expanded", "true");
    line.removeAttribute("aria-activedescendant");
  }

  function move(by) {
    offers.children[active]?.setAttribute("aria-selected", "false");
    active = (active + by + shown.length + (active < 0 && by < 0 ? 1 : 0)) % shown.length;
    const item = offers.children[active];
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    line.setAttribute("aria-activedescendant", item.id);
  }

  function accept(place) {
    const [start] = fitting();
    const end = line.selectionStart;
    line.setRangeText(`${shown[place].value} `, start, end, "end");
    close();
    line.focus();
    line.dispatchEvent(new Event("input", { bubbles: true }));
  }

  line.addEventListener("focus", learn);
  line.addEventListener("input", async () => { await learn(); redraw(); });
  line.addEventListener("blur", close);
  offers.addEventListener("pointerdown", (event) => event.preventDefault());
  offers.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) accept([...offers.children].indexOf(item));
  });
  line.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isOpen = !offers.hidden;
    if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (isOpen && event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (isOpen && active >= 0 && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      accept(active);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      close();
      line.form.requestSubmit();
    }
  });
})();
