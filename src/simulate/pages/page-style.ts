/** The style of the simulator's pages, light and dark: violet, so that nobody takes them for the pages of whs or of a provider. */
export const pageStyle = `
:root {
  --ground: #f5f5fa; --card: #ffffff; --ink: #1b1a2b; --soft: #63627a; --line: #e5e4ef; --wash: #ecebfa;
  --accent: #544bc4; --accent-ink: #ffffff; --accent-over: #453db0; --field: #ffffff; --edge: #918fab;
  --good: #18734a; --good-wash: #dcf3e6; --bad: #b3261e; --bad-wash: #fde8e6; --wait: #8a5300; --wait-wash: #fdf0d8;
  --banner: #fff3d1; --banner-ink: #5b4300; --shadow: 0 1px 2px rgb(27 26 43 / .06), 0 12px 32px -18px rgb(27 26 43 / .22);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111019; --card: #1a1926; --ink: #eeedf7; --soft: #a3a1b8; --line: #2c2a3d; --wash: #29264a;
    --accent: #a9a2ff; --accent-ink: #15122e; --accent-over: #c0bbff; --field: #15141f; --edge: #6d6a8c;
    --good: #7fdcae; --good-wash: #16362a; --bad: #ff9d94; --bad-wash: #41201f; --wait: #f3c778; --wait-wash: #3a2d14;
    --banner: #372c0f; --banner-ink: #f5dfa0; --shadow: 0 0 0 1px #262437;
  }
}
* { box-sizing: border-box; margin: 0; }
html { background: var(--ground); color: var(--ink); }
body {
  min-height: 100vh; min-height: 100dvh; padding: 0 0 48px;
  font: 15px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  -webkit-font-smoothing: antialiased;
}
.banner { padding: 7px 16px; background: var(--banner); color: var(--banner-ink); text-align: center; font-size: 13px; }
.banner b { margin-right: 6px; letter-spacing: .06em; text-transform: uppercase; font-size: 11.5px; }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
h1 { font-size: 25px; line-height: 1.25; font-weight: 680; letter-spacing: -.018em; text-wrap: balance; }
h2 { margin: 36px 0 14px; font-size: 17px; font-weight: 660; letter-spacing: -.01em; }
h3 { font-size: 16px; font-weight: 650; }
a { color: var(--accent); }
.soft { color: var(--soft); }
.small { font-size: 13px; }
.card { padding: 20px; border-radius: 14px; background: var(--card); box-shadow: var(--shadow); }
.chip {
  display: inline-block; padding: 0 9px; border-radius: 999px; background: var(--wash); color: var(--accent);
  font-size: 12px; line-height: 21px; font-weight: 620; white-space: nowrap;
}
.chip.good { background: var(--good-wash); color: var(--good); }
.chip.bad { background: var(--bad-wash); color: var(--bad); }
.chip.wait { background: var(--wait-wash); color: var(--wait); }
button, select, .hooks input { font: inherit; color: inherit; min-height: 34px; border-radius: 8px; }
button { padding: 4px 12px; border: 1px solid var(--edge); background: var(--field); font-size: 14px; cursor: pointer; }
button:hover { border-color: var(--accent); color: var(--accent); }
button.main { border-color: var(--accent); background: var(--accent); color: var(--accent-ink); font-weight: 600; }
button.main:hover { border-color: var(--accent-over); background: var(--accent-over); color: var(--accent-ink); }
button[aria-pressed=true] { border-color: var(--accent); background: var(--wash); color: var(--accent); font-weight: 600; }
select { max-width: 100%; }
select, .hooks input { padding: 4px 8px; border: 1px solid var(--edge); background: var(--field); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
form.row { display: flex; min-width: 0; flex-wrap: wrap; align-items: center; gap: 6px; }

.narrow main { width: min(100% - 24px, 480px); margin: 44px auto 0; padding: 34px; border-radius: 18px; background: var(--card); box-shadow: var(--shadow); }
.narrow h1 { margin: 14px 0 8px; }
.narrow ul { margin: 16px 0 0; padding: 0 0 0 18px; }
.narrow fieldset { margin: 24px 0 0; padding: 0; border: 0; }
.narrow legend { padding: 0 0 8px; font-weight: 620; }
.choice { display: flex; gap: 12px; align-items: center; padding: 12px 14px; border: 1px solid var(--line); cursor: pointer; }
.choice:first-of-type { border-radius: 12px 12px 0 0; }
.choice:last-of-type { border-radius: 0 0 12px 12px; }
.choice + .choice { border-top: 0; }
.choice:has(input:checked) { background: var(--wash); }
.choice input { flex: none; width: 18px; height: 18px; accent-color: var(--accent); }
.choice b { display: block; font-weight: 600; }
.choice code { color: var(--soft); }
.decide { display: flex; gap: 10px; margin-top: 24px; }
.decide button { flex: 1; min-height: 46px; border-radius: 11px; font-size: 15px; }
.decide .main { flex: 2; }
.narrow .foot { margin-top: 20px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }

.wide main { width: min(100% - 32px, 1180px); margin: 32px auto 0; }
.head { display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: center; }
.lead { max-width: 68ch; margin-top: 8px; color: var(--soft); text-wrap: pretty; }
.note { margin-top: 18px; padding: 11px 16px; border-radius: 10px; background: var(--wait-wash); color: var(--wait); }
.app { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 12px 24px; align-items: center; margin-top: 20px; }
.app dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 16px; font-size: 14px; }
.app dt { color: var(--soft); }
.app dd { overflow-wrap: anywhere; }
.companies { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 350px), 1fr)); gap: 16px; align-items: start; }
.company header { display: grid; grid-template-columns: 1fr auto; gap: 2px 8px; margin-bottom: 12px; }
.company header code { grid-column: 1 / -1; }
.kind { padding: 10px 0; border-top: 1px solid var(--line); }
.kind > div { display: flex; align-items: center; gap: 8px; min-height: 32px; margin-bottom: 6px; }
.kind > div:last-child { margin-bottom: 0; }
.kind b { font-size: 14px; font-weight: 600; }
.kind span { flex: 1; color: var(--soft); font-size: 13px; }
.kind button, .kind select { min-height: 32px; padding: 3px 9px; font-size: 13.5px; }
.company code { font-size: 12.5px; }
details summary { padding: 10px 0 2px; border-top: 1px solid var(--line); color: var(--accent); font-size: 14px; cursor: pointer; }
details[open] summary { padding-bottom: 10px; }
.special { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 205px), 1fr)); gap: 12px; }
.special form { display: flex; flex-direction: column; gap: 10px; justify-content: space-between; padding: 16px; border-radius: 12px; background: var(--card); box-shadow: var(--shadow); }
.special p { color: var(--soft); font-size: 13px; }
.log { padding: 4px 20px; }
.log table { width: 100%; border-collapse: collapse; font-size: 14px; }
.log th { padding: 10px 12px 8px 0; color: var(--soft); font-size: 12.5px; font-weight: 500; text-align: left; }
.log td { padding: 9px 12px 9px 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.log .facts { white-space: nowrap; }
.log td:last-child, .log th:last-child { padding-right: 0; }
.log .time { font-variant-numeric: tabular-nums; white-space: nowrap; color: var(--soft); }
.index { max-width: 760px; margin-top: 20px; }
.hooks input { flex: 1 1 120px; min-width: 0; }
.hooks .kind > div { flex-wrap: wrap; }
.hooks code { flex: 1 1 100%; }
.log + .small { margin-top: 12px; }
.log .body { display: block; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.empty { padding: 22px 0; color: var(--soft); text-align: center; }
@media (max-width: 640px) {
  .narrow main { margin-top: 14px; padding: 24px 20px; }
  .wide main { margin-top: 22px; }
  .app { grid-template-columns: minmax(0, 1fr); }
  .app dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .app dd + dt { margin-top: 6px; }
  .kind button, .kind select { padding: 3px 7px; }
  .log thead { display: none; }
  .log tr { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 12px; padding: 11px 0; border-top: 1px solid var(--line); }
  .log tbody tr:first-child { border-top: 0; }
  .log td { padding: 0; border: 0; }
  .log .facts, .log .answer { grid-column: 2; }
  .index tr { grid-template-columns: 1fr auto; }
  .index td:nth-child(n + 2) { font-size: 13px; }
  .index td:nth-child(3) { grid-area: 2 / 1; }
  .index td:is(:nth-child(2), :nth-child(4)) { text-align: right; }
}
`
