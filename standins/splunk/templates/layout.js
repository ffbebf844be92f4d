{# What Splunk Web's build/api/layout.js is to UCC's pages: it puts the bar above them and gives the element they fill. -#}
window.__splunk_layout__ = {
  create: () => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = {{ url_for("static", filename="bar.css") | tojson }};
    const bar = document.createElement("div");
    bar.innerHTML = {{ bar | tojson }};
    const main = document.createElement("main");
    document.head.appendChild(style);
    document.body.append(bar, main);
    return { getContainerElement: () => main };
  },
};
