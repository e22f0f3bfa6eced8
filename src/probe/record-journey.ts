import { journeySource, type WrittenJourney } from './record/journey-source.ts'
import { type RecordOptions, recordBrowser } from './record/recorder.ts'

export type RecordedJourney = WrittenJourney & {
  /** It was longer than any journey is: the rest is missing. */
  isCut: boolean
}

/**
 * Opens a browser, and writes down as a journey what somebody does in it until its windows are closed or the
 * signal aborts.
 *
 * @param service whose names its secrets get.
 * @throws {AppError} `browser.missing` when there is none that has a window and can be recorded,
 *   `request.invalid` when the address cannot be opened.
 */
export async function recordJourney(
  service: string,
  options: RecordOptions,
): Promise<RecordedJourney> {
  const { isCut, ...recorded } = await recordBrowser(options)
  return { ...journeySource(recorded, service), isCut }
}
