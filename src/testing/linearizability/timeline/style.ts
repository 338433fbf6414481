/** The style of the page: a light background, one colour for ordered operations, one for the stuck one. */
export const style = `
:root { color-scheme: light; --ink: #1f2933; --soft: #616e7c; --line: #e4e7eb; --placed: #dbe9f6;
  --placed-edge: #8fb4d9; --stuck: #fbd5d5; --stuck-edge: #c81e1e; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 32px 60px; max-width: 1500px; background: #fff; color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 22px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 34px 0 6px; }
p { margin: 6px 0; max-width: 900px; }
.soft { color: var(--soft); }
.illegal { color: var(--stuck-edge); }
code { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; white-space: pre-wrap;
  background: #f5f7fa; border-radius: 3px; padding: 1px 4px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; margin: 10px 0; }
.figure { display: flex; width: max-content; min-width: 100%; }
.names { position: sticky; left: 0; z-index: 3; background: #fff; border-right: 1px solid var(--line); }
.name { height: 34px; padding: 0 10px; line-height: 34px; font-size: 12px; color: var(--soft); text-align: right;
  white-space: nowrap; border-bottom: 1px solid var(--line); }
.plane { position: relative; overflow: hidden; flex: none; }
.row { position: relative; height: 34px; border-bottom: 1px solid var(--line); }
.bar { position: absolute; top: 12px; height: 18px; border: 1px solid #cbd2d9; border-radius: 3px;
  background: #f5f7fa; scroll-margin: 200px 300px; }
.label { position: absolute; top: 12px; height: 18px; padding: 0 5px; z-index: 1; overflow: hidden; white-space: nowrap;
  text-overflow: ellipsis; font: 11px/18px ui-monospace, "DejaVu Sans Mono", monospace; }
.bar.placed { background: var(--placed); border-color: var(--placed-edge); }
.bar.waiting + .label { color: var(--soft); }
.bar.stuck + .label { font-weight: bold; color: var(--stuck-edge); }
.bar.stuck { background: var(--stuck); border: 2px solid var(--stuck-edge); }
.bar.open { border-right: 0; border-top-right-radius: 0; border-bottom-right-radius: 0; border-style: dashed;
  border-right-style: none; -webkit-mask-image: linear-gradient(90deg, #000 calc(100% - 24px), #0004);
  mask-image: linear-gradient(90deg, #000 calc(100% - 24px), #0004); }
.bar.cut { border-left: 0; border-top-left-radius: 0; border-bottom-left-radius: 0; }
.tail { position: absolute; right: 0; bottom: 1px; border-top: 2px dotted #9aa5b1; }
.point { position: absolute; top: 1px; z-index: 2; transform: translateX(-50%); min-width: 15px; padding: 0 3px;
  border-radius: 8px; background: #22507e; color: #fff; font: 600 9px/13px system-ui, sans-serif; text-align: center; }
.point::after { content: ""; position: absolute; left: calc(50% - 0.5px); top: 13px; height: 15px; width: 1px;
  background: #22507e; opacity: 0.5; }
.point.late { background: #fff; color: #22507e; outline: 1px solid #22507e; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 22px; font-size: 12px; color: var(--soft); margin: 8px 0; }
.legend span { display: inline-flex; align-items: center; gap: 7px; }
.legend .bar, .legend .point { position: static; transform: none; width: 34px; flex: none; }
.legend .point { width: auto; }
.legend .point::after { display: none; }
table { border-collapse: collapse; margin: 8px 0; }
th { text-align: left; font-weight: 600; font-size: 12px; color: var(--soft); }
th, td { padding: 3px 18px 3px 0; vertical-align: top; border-bottom: 1px solid var(--line); }
td:first-child { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
details { margin: 10px 0; }
summary { cursor: pointer; }
`;
