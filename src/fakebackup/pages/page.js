"use strict";
(() => {
  const NAMES = ["account", "region", "kind", "state"];
  const form = document.querySelector("form");
  const at = (id) => document.getElementById(id);
  let known;

  const chosen = () => Object.fromEntries(
    [...NAMES, "text"].map((name) => [name, form.elements[name].value.trim()]));

  // A row has data-account and the like for what it has; what it lacks does not hide it.
  const passes = (row, wanted) =>
    NAMES.every((name) => !wanted[name] || !(name in row.dataset) || row.dataset[name] === wanted[name])
    && (!wanted.text || (row.lower ??= row.textContent.toLowerCase()).includes(wanted.text.toLowerCase()));

  const filterTables = (wanted) => {
    for (const table of document.querySelectorAll("table[data-rows]")) {
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = !passes(row, wanted);
        shown += !row.hidden;
      }
      at(table.dataset.rows).textContent = String(shown);
    }
  };

  const layTimeline = () => {
    const drawing = document.querySelector("svg.timeline");
    if (!drawing) return;
    const middles = {};
    let index = 0;
    for (const group of drawing.querySelectorAll("g.row")) {
      const hidden = at("j" + group.dataset.n).hidden;
      group.toggleAttribute("hidden", hidden);
      group.style.display = hidden ? "none" : "";
      if (hidden) continue;
      const top = known.head + index++ * known.row;
      group.setAttribute("transform", `translate(0 ${top})`);
      middles[group.dataset.n] = top + known.middle;
    }
    drawing.setAttribute("height", known.head + index * known.row + 4);
    for (const line of drawing.querySelectorAll("line.tie")) {
      const ends = [middles[line.dataset.from], middles[line.dataset.to]];
      line.style.display = ends.includes(undefined) ? "none" : "";
      if (ends.includes(undefined)) continue;
      line.setAttribute("y1", ends[0]);
      line.setAttribute("y2", ends[1]);
    }
  };

  const drawChart = (wanted) => {
    if (!known.counts) return;
    const numbers = {}, days = {}, states = {};
    for (const [day, state, number, ...where] of known.counts) {
      const names = [...where.map((each, index) => known.options[NAMES[index]][each]), known.states[state]];
      if (!NAMES.every((name, index) => !wanted[name] || names[index] === wanted[name])) continue;
      if (day >= 0) {
        numbers[day + "-" + state] = (numbers[day + "-" + state] || 0) + number;
        days[day] = (days[day] || 0) + number;
      }
      states[state] = (states[state] || 0) + number;
    }
    const most = Math.max(1, ...Object.values(days));
    const bases = {};
    for (const piece of document.querySelectorAll("rect[data-c]")) {
      const [day] = piece.dataset.c.split("-");
      const number = numbers[piece.dataset.c] || 0;
      const high = number * known.tallest / most;
      piece.setAttribute("y", known.tallest - (bases[day] || 0) - high);
      piece.setAttribute("height", high);
      bases[day] = (bases[day] || 0) + high;
      piece.firstElementChild.textContent = piece.firstElementChild.textContent.replace(/: \d+ /, `: ${number} `);
    }
    for (const cell of document.querySelectorAll("td[data-c]")) cell.textContent = numbers[cell.dataset.c] || "";
    for (const total of document.querySelectorAll("[data-total]")) total.textContent = states[total.dataset.total] || 0;
  };

  const apply = () => {
    const wanted = chosen();
    filterTables(wanted);
    layTimeline();
    drawChart(wanted);
    at("jobs-status").textContent = at("n-jobs") ? `${at("n-jobs").textContent} jobs shown` : "";
  };

  const remember = () => {
    const given = Object.entries(chosen()).filter(([, value]) => value);
    history.replaceState(null, "", given.length ? "#" + new URLSearchParams(given) : location.pathname + location.search);
  };

  const recall = () => {
    if (!location.hash.includes("=")) return;
    const given = new URLSearchParams(location.hash.slice(1));
    for (const name of [...NAMES, "text"]) {
      const field = form.elements[name], value = given.get(name) || "";
      if (field.options && value && ![...field.options].some((each) => each.value === value)) field.add(new Option(value));
      field.value = value;
    }
  };

  const read = () => {
    known = JSON.parse(at("data").textContent);
    for (const name of NAMES) {
      const field = form.elements[name], before = field.value;
      field.length = 1;
      for (const each of known.options[name]) field.add(new Option(each));
      if (before && !known.options[name].includes(before)) field.add(new Option(before));
      field.value = before;
    }
  };

  // Ticks of the zoomed scale: at round instants, as many as there is room for. Their texts stay in
  // view however far the rows are scrolled.
  const drawTicks = () => {
    const drawing = document.querySelector("svg.timeline");
    if (!drawing) return;
    const [first, last, margin] = known.scale, most = 6 * zoomed, length = last - first;
    const step = known.steps.find((each) => length / each < most) || known.steps.at(-1);
    for (const each of drawing.querySelectorAll(".tick,.axis")) each.remove();
    const add = (to, name, attributes) => {
      const each = to.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
      for (const [key, value] of Object.entries(attributes)) each.setAttribute(key, value);
      return each;
    };
    const lines = document.createDocumentFragment(), axis = add(drawing, "g", { class: "axis" });
    add(axis, "rect", { class: "paper", width: "100%", height: known.head - 6 });
    for (let instant = Math.ceil(first / step) * step; instant <= last; instant += step) {
      const place = margin + (instant - first) / length * (100 - 2 * margin), where = place + "%";
      const [day, time] = new Date(instant).toISOString().slice(5, 19).split("T");
      add(lines, "line", { class: "tick", x1: where, x2: where, y1: known.head - 6, y2: drawing.getAttribute("height") });
      add(axis, "text", { class: "tick", x: where, y: 12, "text-anchor": place < 5 / zoomed ? "start" : place > 100 - 5 / zoomed ? "end" : "middle" })
        .textContent = step % 864e5 ? `${day} ${step % 6e4 ? time : time.slice(0, 5)}` : day;
    }
    drawing.prepend(lines);
    const box = drawing.parentElement;
    box.onscroll = () => axis.setAttribute("transform", `translate(0 ${box.scrollTop})`);
    box.onscroll();
  };

  // What is looked at stays where it is: the first bar in view, or else the middle.
  const inView = (box) => {
    const seen = box.getBoundingClientRect();
    for (const group of box.querySelectorAll("g.row:not([hidden])")) {
      const bar = group.querySelector(".fill")?.getBoundingClientRect();
      if (bar && bar.top > seen.top + known.head && bar.bottom < seen.bottom && bar.right > seen.left && bar.left < seen.right)
        return Math.max(bar.left - seen.left - box.clientLeft, 0);
    }
    return box.clientWidth / 2;
  };
  let zoomed = 1;
  const zoom = (times) => {
    const drawing = document.querySelector("svg.timeline"), box = drawing.parentElement;
    const at = inView(box), part = (box.scrollLeft + at) / box.scrollWidth;
    zoomed = times;
    drawing.style.width = times * 100 + "%";
    drawTicks();
    box.scrollLeft = part * box.scrollWidth - at;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-zoom]");
    if (!button) return;
    zoom(button.dataset.zoom === "0" ? 1 : Math.min(256, Math.max(1, zoomed * Number(button.dataset.zoom))));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { remember(); apply(); });
  form.addEventListener("reset", () => setTimeout(() => { remember(); apply(); }));
  window.addEventListener("hashchange", () => { if (location.hash.includes("=")) { recall(); apply(); } });

  // The server's page is asked for again; a file stays as it was written.
  let seen = document.querySelector("main").innerHTML;
  const refresh = async () => {
    const began = performance.now();
    let status = "live";
    try {
      const answer = await fetch(location.pathname + location.search, { cache: "no-cache" });
      if (!answer.ok) throw answer;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main"), html = main.innerHTML;
      at("at").textContent = page.getElementById("at").textContent;
      if (html !== seen) show(main);
      seen = html;
    } catch { status = "the server answers no more"; }
    at("live").textContent = status;
    setTimeout(refresh, Math.max(Number(document.body.dataset.live), 5 * (performance.now() - began)));
  };
  const show = (main) => {
    const opened = [...document.querySelectorAll("details[open][id]")].map((each) => each.id);
    const { scrollTop, scrollLeft } = document.querySelector(".tall") || {};
    document.querySelector("main").replaceWith(main);
    for (const id of opened) if (at(id)) at(id).open = true;
    ready();
    if (zoomed > 1 && document.querySelector("svg.timeline")) zoom(zoomed);
    if (document.querySelector(".tall")) Object.assign(document.querySelector(".tall"), { scrollTop, scrollLeft });
  };
  const ready = () => {
    for (const each of document.querySelectorAll(".screen[hidden]")) each.hidden = false;
    read();
    apply();
    drawTicks();
  };

  form.hidden = false;
  read();
  recall();
  ready();
  if (document.body.dataset.live) setTimeout(refresh, Number(document.body.dataset.live));
})();
