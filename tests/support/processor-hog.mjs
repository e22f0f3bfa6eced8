// Keeps one processor busy for as long as it is told, and no longer.
import { performance } from 'node:perf_hooks'

const end = performance.now() + Number(process.argv[2])
while (performance.now() < end);
