import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Whether this machine has an ffmpeg; without one a recording has no video, and says so. */
export const hasVideoEncoder: boolean = (process.env.PATH ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'ffmpeg')))

if (!hasVideoEncoder)
  process.stderr.write('no videos are looked at: there is no ffmpeg on this machine\n')
