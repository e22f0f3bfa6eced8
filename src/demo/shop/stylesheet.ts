/** The shop's looks, sent inside each page: warm paper by day, a lit room by night. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --paper: #faf6ef; --card: #fffdf9; --ink: #2b221c; --soft: #6f6157; --line: #e6dccd; --edge: #978877;
  --accent: #a04a12; --on-accent: #fffaf3; --stage: #f3e8d6; --glow: #ffd98a; --metal: #54483f;
  --glow-opacity: .55;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #17130f; --card: #211b16; --ink: #f4eadd; --soft: #b9a896; --line: #3a3028; --edge: #7d6e60;
    --accent: #f0a94c; --on-accent: #241607; --stage: #2b231b; --glow: #ffb545; --metal: #a8978a;
    --glow-opacity: .3;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
a { color: inherit; text-underline-offset: .2em }
h1, h2, .brand { font-family: Georgia, "Iowan Old Style", "Times New Roman", serif; line-height: 1.15;
  font-weight: 600; letter-spacing: -.01em; text-wrap: balance }
h1 { font-size: clamp(1.8rem, 5vw, 2.7rem); margin: 0 0 .4em }
h2 { font-size: 1.35rem; margin: 2.2em 0 .8em }
p { margin: 0 0 1em; max-width: 62ch }
.soft { color: var(--soft) }
.page { max-width: 1080px; margin: 0 auto; padding: 0 20px }
.top { border-bottom: 1px solid var(--line); background: var(--card) }
.top .page { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 24px;
  padding-top: 14px; padding-bottom: 14px }
.brand { font-size: 1.45rem; text-decoration: none; display: flex; align-items: center; gap: .4em }
.brand svg { width: 1.15em; height: 1.15em }
.top form { flex: 1 1 240px; display: flex; gap: 8px; order: 1; max-width: 460px; margin-left: auto }
.top .cart { order: 2; padding: 9px 2px; font-weight: 600 }
main.page { padding-top: 36px; padding-bottom: 64px; min-height: 70vh }
input { width: 100%; min-width: 0; font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--edge); border-radius: 8px; padding: 9px 12px }
input:user-invalid { border-color: var(--accent) }
button, .button { font: inherit; font-weight: 600; border: 0; border-radius: 8px; cursor: pointer;
  padding: 10px 18px; background: var(--accent); color: var(--on-accent); text-decoration: none;
  display: inline-block; white-space: nowrap }
button:hover, .button:hover { filter: brightness(1.08) }
button.quiet { background: none; color: var(--soft); font-weight: 400; padding: 4px 0;
  text-decoration: underline }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.hero { display: grid; grid-template-columns: 1.3fr 1fr; gap: 32px; align-items: center;
  background: var(--stage); border-radius: 20px; padding: 0 20px 0 44px }
.hero p { font-size: 1.1rem; color: var(--soft) }
.shelf { list-style: none; margin: 0; padding: 0; display: grid; gap: 20px;
  grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)) }
.shelf a { display: block; height: 100%; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; overflow: hidden; text-decoration: none; transition: translate .15s }
.shelf a:hover { translate: 0 -3px }
.shelf strong, .shelf span { display: block; padding: 0 16px }
.shelf strong { padding-top: 12px }
.shelf span { padding-bottom: 14px; color: var(--soft) }
.lamp { display: block; width: 100%; height: auto; background: var(--stage) }
.glow { fill: var(--glow); opacity: var(--glow-opacity) }
.stem, .foot { stroke: var(--metal); stroke-width: 5; fill: none; stroke-linecap: round }
.foot { stroke-width: 9 }
.joint { fill: var(--metal) }
.shine { fill: #fff; opacity: .18 }
.bulb { fill: #fff3cf }
.glass { fill: var(--glow); opacity: .5 }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 44px; align-items: start }
.two .lamp { border-radius: 20px }
.next { margin-top: 28px }
.price { font-size: 1.35rem; font-weight: 600 }
.row { display: flex; gap: 12px; align-items: end; flex-wrap: wrap }
.row .narrow { width: 92px }
label { display: block; font-weight: 600; margin-bottom: 14px }
label input { margin-top: 4px; font-weight: 400 }
.row label { margin: 0 }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 24px }
.panel h2 { margin-top: 0 }
table { width: 100%; border-collapse: collapse }
th, td { text-align: left; padding: 12px 8px 12px 0; border-bottom: 1px solid var(--line);
  vertical-align: top }
th:last-child, td:last-child { text-align: right; padding-right: 0; white-space: nowrap }
tfoot th, tfoot td { border-bottom: 0; font-size: 1.1rem; font-weight: 600 }
td form { display: block }
.bottom { border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem; padding: 22px 0 }
@media (max-width: 680px) {
  .hero, .two { grid-template-columns: minmax(0, 1fr); gap: 20px }
  .hero { padding: 28px 24px 0 }
  .hero .lamp { max-width: 240px; margin: 0 auto }
  .top form { order: 3; flex-basis: 100%; max-width: none }
  .top .cart { margin-left: auto }
  .shelf { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px }
  .shelf strong, .shelf span { padding-left: 12px; padding-right: 12px }
  main.page { padding-top: 24px; padding-bottom: 44px }
  .panel { padding: 18px }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important } }
`
