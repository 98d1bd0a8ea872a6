"""The colours and the layout of a report: the window's two schemes, chosen by the reader's system."""

from __future__ import annotations

from calotype.services.report_parts.markup import Html

# As in the window: amber marks the best step, teal is held-out, blue is training.
_LIGHT = """--background:#f5f2ec;--surface:#fffdf9;--raised:#f0ebe2;--rule:#ddd5c8;--text:#26222b;--muted:#6f6874;
--accent:#9a5a13;--teal:#1d7a6d;--blue:#2f62a8;--harm:#b53a33;"""
_DARK = """--background:#17151a;--surface:#1e1c22;--raised:#27242c;--rule:#37333e;--text:#eeeae4;--muted:#a49da9;
--accent:#e3a857;--teal:#5dbcae;--blue:#7aa7e8;--harm:#e76f66;"""

STYLE = Html(
    ":root{color-scheme:light dark;" + _LIGHT + "}\n"
    "@media (prefers-color-scheme:dark){:root{" + _DARK + "}}\n"
    "@media print{:root{" + _LIGHT + "}}\n"
    """*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:15px/1.5 Inter,system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:36px 24px 60px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:19px;margin:36px 0 12px}
h3{font-size:15px;margin:0 0 2px}
.strip+h3{margin-top:18px}
p{margin:0 0 8px;max-width:72ch}
.muted,figcaption{color:var(--muted);font-size:13px}
.card{background:var(--surface);border:1px solid var(--rule);border-radius:14px;padding:18px;margin:0 0 14px}
.verdict{border-color:var(--accent)}
.verdict h2{margin:0 0 6px;font-size:26px;line-height:1.25}
.verdict ul{margin:0;padding:0 0 0 18px;color:var(--muted);font-size:13px}
.harm{border-color:var(--harm)}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px;margin:14px 0 0;padding:0}
.numbers div{background:var(--surface);border:1px solid var(--rule);border-radius:14px;padding:14px 16px}
.numbers dt{color:var(--muted);font-size:13px}
.numbers dd{margin:2px 0 0;font-size:18px;font-weight:600}
.numbers dd span{display:block;font-size:13px;font-weight:400;color:var(--muted)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:14px}
@media (max-width:760px){.pair{grid-template-columns:1fr}}
figure{min-width:0}
figure svg{display:block;width:100%;height:auto}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--muted)}
.key svg{display:inline;width:24px;height:12px;margin-right:6px;vertical-align:-1px}
.grid{stroke:var(--rule);stroke-width:1}
.level{stroke:var(--muted);stroke-width:1.2;stroke-dasharray:2 4}
.mark{stroke:var(--accent);stroke-width:1.4}
.tick{fill:var(--muted);font-size:12px}
.best{fill:var(--accent);font-size:13px;font-weight:600}
.line{fill:none;stroke-width:2.2;stroke-linejoin:round}
.line.dashed{stroke-dasharray:7 5;stroke-width:1.8}
.line.held-out,.line.middle{stroke:var(--teal)}
.line.training,.line.coarse{stroke:var(--blue)}
.line.fine{stroke:var(--accent)}
.line.coarse{stroke-dasharray:7 5}
.line.fine{stroke-dasharray:2 4}
.line.quiet{stroke:var(--muted)}
.line.faint{stroke:var(--blue);stroke-width:1;opacity:.35}
.band.held-out{fill:var(--teal);opacity:.2}
.dot.held-out{fill:var(--teal)}
.dot.chosen{fill:var(--accent);stroke:var(--surface);stroke-width:1.5}
.strip{display:grid;grid-template-columns:repeat(auto-fill,minmax(128px,1fr));gap:14px}
.strip{list-style:none;margin:10px 0 0;padding:0}
.strip figure{margin:0}
.strip img{display:block;width:100%;height:auto;border-radius:10px;background:var(--raised)}
.strip figcaption{text-align:center;margin-top:4px}
.chosen img{outline:2px solid var(--accent);outline-offset:2px}
.chosen figcaption{color:var(--accent);font-weight:600}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;color:var(--muted);font-size:13px;padding-bottom:6px}
th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-bottom:1px solid var(--rule)}
thead th{color:var(--muted);font-weight:500}
tbody th{font-weight:500}
td{overflow-wrap:anywhere}
details summary{cursor:pointer;font-weight:500}
details table{margin-top:10px}
.captions{margin:0;padding-left:22px}
.captions li{overflow-wrap:anywhere}
.notes{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
footer{margin-top:40px;color:var(--muted);font-size:13px}
@media print{.card,figure,li{break-inside:avoid}}
"""
)
