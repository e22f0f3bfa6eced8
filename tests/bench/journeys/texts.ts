/** What stands around the tables. */

export const INTRODUCTION = `Made by \`npm run bench:journeys\`: everything in one run on one machine, with the same Chromium and the same
journey files, in turn. Times differ between machines; ratios and errors less so.`

/** What else the machine did when the bench began. */
export const loadLine = (load: number, processors: number): string =>
  load < processors / 2
    ? `${processors} processors, load average ${load.toFixed(2)} at the start.`
    : `**The machine had other work**: ${processors} processors, load average ${load.toFixed(2)} at the start. Processor time and its
ratios are worth something then, within some percent; times, and errors of times, are those of a busy machine.`

export const THROUGHPUT = `## What a journey takes

The checkout journey of \`probes/storefront\` against the demo shop: eight steps, six pages. Each contestant
is a process tree of its own; the shop is nobody's. Median of the rounds with quartiles; the ratios are of
turns of the same round.

* **Firewatch** is the whole way of a run in a probe: a child process that can be killed, a fresh context,
  the check's rules of what must never be requested (in three nets, redirects and popups among them), the
  steps, vitals, requests, console, verdict.
* **The bare loop** is the limit: a warm browser, a fresh context and page for each run, the same actions and
  assertions, and nothing else. What Firewatch should come near is this one.
* The bare loop **with a route** keeps the promise that no order is placed as far as Playwright does it by
  itself: service workers blocked, and a route that stops the order. Any route makes Playwright stop every
  request of a page, and switch off the browser's cache.
* \`playwright test\` and \`@elastic/synthetics\` start Node and a browser for each run; both without \`npx\`,
  which would add half a second, and without pictures of steps that passed.`

export const meterLine = (usedMs: number, measuredMs: number): string =>
  `Processor time is that of a whole tree of processes from /proc, with what ended below it. Against a load
that counts for itself (${usedMs.toFixed(0)} ms, of processes that live, have ended and have lost their parent) this meter shows
${measuredMs.toFixed(0)} ms.`

export const STEP_TIMES = `## How true the times of steps are

A site answers as late as it is told, between 20 and 300 ms, and logs by its own monotonic clock how long it
really took. A step is more than the server: Chromium has to send, read and show, and Playwright to click.
That part does not depend on the delay; what it usually is, is seen in steps without one ("beside the
server", median, in milliseconds). The error is what a step's published time differs from the server's log
and that part together, as p50, p99 and worst. What of it is Chromium's and Playwright's own shows the same
journey in the bare loop, timed around each step.`
