/** The style of the consent's pages, light and dark. The policy allows this very text by its hash. */
export const pageStyle = `
:root {
  --ground: #f3f4f1; --card: #ffffff; --ink: #17201c; --soft: #5c6963; --line: #e3e7e2;
  --accent: #23614f; --accent-ink: #ffffff; --accent-over: #1b4d3f; --wash: #e4f0eb;
  --stop: #9a3412; --stop-wash: #fdece3; --shadow: 0 1px 2px rgb(23 32 28 / .06), 0 16px 40px -16px rgb(23 32 28 / .18);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1311; --card: #171e1b; --ink: #e9efec; --soft: #9aa8a1; --line: #29332e;
    --accent: #5fc5a4; --accent-ink: #0a1a14; --accent-over: #7bd6b8; --wash: #1d332b;
    --stop: #fdba8c; --stop-wash: #3a2317; --shadow: 0 0 0 1px #232c28, 0 24px 48px -24px rgb(0 0 0 / .6);
  }
}
* { box-sizing: border-box; margin: 0; }
html { min-height: 100%; background: var(--ground); color: var(--ink); }
body {
  min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column; align-items: center; justify-content: center;
  gap: 20px; padding: 24px 16px;
  font: 16px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  -webkit-font-smoothing: antialiased; text-rendering: optimizeLegibility;
}
main { width: 100%; max-width: 456px; padding: 36px; border-radius: 18px; background: var(--card); box-shadow: var(--shadow); }
.mark { display: block; width: 48px; height: 48px; margin-bottom: 20px; }
.mark circle { fill: var(--wash); }
.mark path { fill: none; stroke: var(--accent); stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; }
.stop .mark circle { fill: var(--stop-wash); }
.stop .mark path { stroke: var(--stop); stroke-width: 3; }
.turn { transform-origin: 24px 24px; animation: turn 1s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
h1 { font-size: 24px; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; text-wrap: balance; overflow-wrap: anywhere; }
.lead { margin-top: 10px; color: var(--soft); text-wrap: pretty; overflow-wrap: anywhere; }
dl { margin-top: 24px; border-top: 1px solid var(--line); }
dl div { display: flex; gap: 16px; padding: 11px 0; border-bottom: 1px solid var(--line); font-size: 14.5px; }
dl:last-child div:last-child { border-bottom: 0; padding-bottom: 0; }
dt { flex: 0 0 104px; color: var(--soft); }
dd { flex: 1; min-width: 0; overflow-wrap: anywhere; font-weight: 500; }
code { font: 13px/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-weight: 400; }
.chip {
  display: inline-block; margin-left: 4px; padding: 0 8px; border-radius: 999px; background: var(--wash); color: var(--accent);
  font-size: 12px; line-height: 20px; font-weight: 600; white-space: nowrap;
}
form { margin-top: 28px; }
button {
  display: flex; align-items: center; justify-content: center; gap: 8px; width: 100%; min-height: 48px; padding: 10px 20px;
  border: 0; border-radius: 11px; background: var(--accent); color: var(--accent-ink); font: inherit; font-weight: 600; cursor: pointer;
}
button:hover { background: var(--accent-over); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
button svg { width: 18px; height: 18px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.note { margin-top: 18px; color: var(--soft); font-size: 13.5px; line-height: 1.5; text-wrap: pretty; overflow-wrap: anywhere; }
.note + .note { margin-top: 10px; }
footer { color: var(--soft); font-size: 13px; }
footer b { color: var(--ink); font-weight: 650; letter-spacing: -.01em; margin-right: 4px; }
@media (max-width: 480px) {
  body { justify-content: flex-start; padding: 16px 12px 24px; }
  main { padding: 28px 22px; border-radius: 16px; }
  dt { flex-basis: 88px; }
}
@media (prefers-reduced-motion: reduce) { .turn { animation: none; } }
`
