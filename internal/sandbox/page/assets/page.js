"use strict";

// All text comes in as text, never as markup; diagrams are drawn by Mermaid in its strict mode, from text that the sandbox writes.
const dark = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map(); // the SVG of each diagram's text
let last = null;
let drawing = Promise.resolve();

function theme() {
  drawn.clear();
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", htmlLabels: false, theme: dark.matches ? "dark" : "default", flowchart: { htmlLabels: false } });
}

function element(tag, text, attributes) {
  const e = document.createElement(tag);
  if (text !== undefined && text !== "") e.textContent = text;
  for (const [name, value] of Object.entries(attributes || {})) e.setAttribute(name, value);
  return e;
}

const kinds = { ACTIVE: "good", HEALTHY: "good", ERROR: "bad", FAILED: "bad" };

async function diagram(group, number) {
  const box = element("div", "", { class: "diagram" });
  if (!drawn.has(group.diagram)) {
    try {
      drawn.set(group.diagram, (await mermaid.render("diagram" + number + "x" + drawn.size, group.diagram)).svg);
    } catch (failure) {
      box.append(element("pre", group.diagram));
      return box;
    }
  }
  // Mermaid's drawing is a piece of HTML rather than XML. A document that is only parsed runs nothing.
  const svg = new DOMParser().parseFromString(drawn.get(group.diagram), "text/html").body.firstElementChild;
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Diagram of " + group.title + "; the table has the same.");
  box.append(document.importNode(svg, true));
  return box;
}

function instances(group) {
  const table = element("table", "", { class: "instances" });
  const columns = ["Instance", "Status", "Role", "Datastore", "Address", "Server"];
  const head = element("tr");
  for (const c of columns) head.append(element("th", c, { scope: "col" }));
  table.append(element("thead"));
  table.tHead.append(head);
  const body = element("tbody");
  for (const i of group.instances) {
    const row = element("tr", "", { "data-instance": i.name, "data-status": i.status });
    const cells = [
      element("span", i.name, { title: i.id }),
      element("span", i.status, { class: "status " + (kinds[i.status] || "busy"), title: i.fault }),
      element("span", i.role), element("span", i.datastore), element("code", i.address), element("span", i.server),
    ];
    cells.forEach((content, n) => {
      const cell = element("td", "", { "data-label": columns[n] });
      cell.append(content);
      row.append(cell);
    });
    body.append(row);
  }
  table.append(body);
  const wide = element("div", "", { class: "wide" });
  wide.append(table);
  return wide;
}

async function show(now) {
  const groups = [];
  for (const [n, g] of now.groups.entries()) {
    const section = element("article", "", { class: "group", "data-group": g.id });
    section.append(element("h3", g.title + " (project " + g.project + ")"), await diagram(g, n), instances(g));
    groups.push(section);
  }
  if (groups.length === 0) groups.push(element("p", "No instances yet. Run terraform apply, and they appear here."));
  document.getElementById("topologies").replaceChildren(...groups);
  const served = now.served.length ? now.served : ["All database servers are simulated: instances have no address that answers."];
  document.getElementById("served").replaceChildren(...served.map((line) => element("li", line)));
  document.getElementById("asked").textContent = String(now.asked);
  document.getElementById("requests").replaceChildren(...now.requests.map((r) => {
    const row = element("tr");
    row.append(element("td", r.at), element("td", r.user), element("td"), element("td", String(r.status || "")));
    row.cells[2].append(element("code", r.kind));
    return row;
  }));
}

function draw(now) {
  last = now;
  drawing = drawing.then(() => (now === last ? show(now) : undefined));
}

theme();
dark.addEventListener("change", () => { theme(); if (last) draw(last); });
const state = document.getElementById("state");
const events = new EventSource("events");
events.onopen = () => { state.textContent = "Live"; };
events.onmessage = (event) => draw(JSON.parse(event.data));
events.onerror = () => { state.textContent = "The sandbox does not answer; trying again"; };
