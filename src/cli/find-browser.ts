import { findChromium } from '../probe/find-chromium.ts'

// Exits with 0 when there is a Chromium, else with 1. The set-up asks it in a process of its own,
// because the set-up itself must run before anything can be imported.
const found = await findChromium(process.env)
process.exitCode = 'path' in found ? 0 : 1
