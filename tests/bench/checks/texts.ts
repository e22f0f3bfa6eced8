/** What stands around the tables. */

export const INTRODUCTION = `Made by \`npm run bench:checks\`. Both tools look at the same target in the same run, in turn. The target
is a process of its own at the highest priority; it waits as long as it is told and logs, by its own
monotonic clock, how long it really took. Times differ between machines; ratios and errors less so.`

export const TIMING = `## How true the times are

Error of a published phase against the target's own log, in milliseconds, as p50, p99 and worst. Delays
between 2 and 40 ms, after forty samples that do not count; busy means one endless loop for each processor at the same priority. Runs that
Firewatch itself flags as not fit to be published are counted and left out.`

export const COST = `## What a check costs

Processor time of the whole process for one check on a fresh connection: for Firewatch schedule, check,
assertions, spool on disk, telemetry and reporting; for blackbox_exporter the scrape that asks for it. A bare request is
node:http's or node:https's, with one TLS context for all, and nothing else: no program on this runtime that uses them can
spend less. Each does 120 of them a second, in the same seconds.`

export const CAPACITY = `## How many checks one probe does

One probe process beside its target and the receiver of its runs on the same machine.`
