/** What one journey host may use up before it is replaced, and at most. */
export type HostLimits = {
  /** Memory of the host and all of its processes, in bytes; a run that takes more is ended. */
  memoryBytesMax: number
  /** More than this between two runs, and the host is replaced before the next one. */
  restMemoryBytesMax: number
  /** Temporary files of the host and of a run's recording, in bytes; a run that writes more is ended. */
  tempBytesMax: number
  /** How many they may be. */
  tempFilesMax: number
  /** Age in milliseconds from which on a host does no further run. */
  ageMsMax: number
  runsMax: number
}

const MIB = 1024 ** 2

/** A browser with one heavy shop takes 300 to 600 MiB. */
export const MEMORY_BYTES_MAX_USUAL = 1536 * MIB
/**
 * The kernel's own limit, against the one that is measured: a little above it, so that what grows slowly is
 * found by measuring, which knows best whose memory it is. The kernel counts files in memory as well.
 */
const KERNEL_SHARE = 1.25
/** An idle browser takes 150 to 300 MiB: what is far above that was left behind by runs. */
const REST_SHARE = 0.6
/** The browser's profile takes 10 MiB; the rest is for downloads and recordings. */
export const TEMP_BYTES_MAX_USUAL = 1024 * MIB
const TEMP_FILES_MAX = 20_000
const AGE_MS_MAX = 4 * 60 * 60_000
/** Browsers and loaded code grow with time; this many runs are one to three hours of work. */
const RUNS_MAX = 200

export function hostLimits(chosen: Partial<HostLimits> = {}): HostLimits {
  const memoryBytesMax = chosen.memoryBytesMax ?? MEMORY_BYTES_MAX_USUAL
  return {
    restMemoryBytesMax: memoryBytesMax * REST_SHARE,
    tempBytesMax: TEMP_BYTES_MAX_USUAL,
    tempFilesMax: TEMP_FILES_MAX,
    ageMsMax: AGE_MS_MAX,
    runsMax: RUNS_MAX,
    ...chosen,
    memoryBytesMax,
  }
}

/** What the kernel gives all processes of a host together, in bytes. */
export const kernelBytesMax = ({ memoryBytesMax }: HostLimits): number =>
  Math.ceil(memoryBytesMax * KERNEL_SHARE)

/** What is known of a host between two runs. */
export type HostWear = {
  /** What it did wrong. */
  unfit?: string | undefined
  /** Processes that its journeys started and left. */
  strays?: readonly string[]
  runs: number
  ageMs: number
  /** Undefined where it cannot be measured. */
  memoryBytes?: number | undefined
}

/** Why a host is replaced; undefined when it may go on. */
export function whyReplace(wear: HostWear, limits: HostLimits): string | undefined {
  if (wear.unfit !== undefined) return wear.unfit
  const [stray] = wear.strays ?? []
  if (stray !== undefined) return `its journey left a process behind: ${stray}`
  if (wear.runs >= limits.runsMax) return `it did ${wear.runs} runs`
  if (wear.ageMs >= limits.ageMsMax) return `it is ${Math.round(wear.ageMs / 60_000)} minutes old`
  if ((wear.memoryBytes ?? 0) > limits.restMemoryBytesMax)
    return `it holds ${describeBytes(wear.memoryBytes ?? 0)} of memory between runs`
  return undefined
}

/** `1.5 GiB`, `300 MiB`. */
export function describeBytes(bytes: number): string {
  const mib = bytes / MIB
  return mib >= 1000 ? `${(mib / 1024).toFixed(1)} GiB` : `${Math.round(mib)} MiB`
}
