// Sends forms without leaving the page, shows answers in the box that only the sender sees, asks before what can't be
// undone. Without this script every form still works: the server sends the browser back with the answer in the page.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const COOL_MS = 800; // a slow double click must not press again what was just answered
  let refused = ""; // what the line still holds because it was refused, to be corrected there
  document.documentElement.classList.add("live");

  function say(kind) {
    const line = byId("trouble");
    line.textContent = kind ? line.dataset[kind] : "";
    line.hidden = !kind;
  }

  function confirmed(question) {
    const dialog = byId("confirm");
    byId("confirm-text").textContent = question;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((answer) => {
      dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    });
  }

  function show(html) {
    const box = byId("answer");
    if (!box) return;
    box.innerHTML = html; // drawn and escaped by our own server
    const field = box.querySelector("[aria-invalid]") ?? box.querySelector(".form :is(input:not([type=hidden]), select, textarea)");
    if (field) field.focus();
    else if (html) box.scrollIntoView({ block: "nearest" });
  }

  // What was refused goes once it was said another way, lest it becomes the answer to the next question.
  function settle(isLine, isOk) {
    const line = byId("text");
    if (!line) return;
    const isDone = isOk && (isLine || (refused && line.value === refused && !byId("answer")?.querySelector(".form")));
    if (isLine || isDone) refused = isOk ? "" : line.value;
    if (!isDone) return;
    line.value = "";
    line.dispatchEvent(new Event("input"));
  }

  function closeBox() {
    show("");
    byId("text")?.focus();
  }

  async function post(form, isSure) {
    const body = new URLSearchParams(new FormData(form));
    if (isSure) body.set("sure", "yes");
    const response = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "X-Requested-With": "tocsin" } });
    if (response.status === 401) {
      location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
      return null;
    }
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return response.json();
  }

  async function send(form, button) {
    const question = form.elements.namedItem("confirm")?.value;
    if (question && !(await confirmed(question))) return;
    const isLine = form.id === "line";
    form.dataset.busy = "yes";
    button?.setAttribute("aria-disabled", "true");
    try {
      const told = await post(form, Boolean(question));
      if (!told) return;
      say("");
      // A new key only after an answer: what is sent again after a broken connection is still the same line.
      form.elements.namedItem("nonce").value = told.nonce;
      if (told.html || !isLine || told.ok) show(told.html);
      settle(isLine, told.ok);
      if (told.ok) form.closest(".call")?.remove();
      if (!isLine) await new Promise((cooled) => setTimeout(cooled, COOL_MS));
    } catch {
      say("failed");
    } finally {
      delete form.dataset.busy;
      button?.removeAttribute("aria-disabled");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(".press, .line, .form")) return;
    event.preventDefault();
    if (!form.dataset.busy) send(form, event.submitter ?? form.querySelector("button"));
  });

  async function showHelp() {
    const body = byId("help-body");
    if (!body.firstChild) {
      const page = await (await fetch("/help")).text();
      body.append(new DOMParser().parseFromString(page, "text/html").getElementById("help-part") ?? "");
    }
    byId("help").showModal();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("#answer .close")) {
      event.preventDefault();
      closeBox();
    } else if (event.target.closest("#help-link") && byId("help") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      showHelp();
    } else if (event.target.closest(".dismiss")) {
      event.target.closest(".call").remove();
    }
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select, dialog");
    const isEmptyLine = field?.id === "text" && field.value === "";
    if (event.key === "?" && !event.ctrlKey && !event.metaKey && (!field || isEmptyLine)) {
      event.preventDefault();
      showHelp();
    } else if (event.key === "Escape" && event.target.closest("#answer")) {
      closeBox();
    }
  });

  byId("acting")?.addEventListener("change", (event) => event.target.form.requestSubmit());
  // A page from the browser's memory holds keys that were used: its lines would get old answers.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
