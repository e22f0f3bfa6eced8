import { addressOf, PATHS, RECORDING_ARTIFACT } from '../../protocol/public-paths.ts'
import type { Recording } from '../../protocol/recording.ts'
import type { RunAnswer } from '../live/answers.ts'
import { useResource } from '../live/use-resource.ts'
import { isSameError, recordingSentence } from '../words/recording-words.ts'
import { LoadNotice } from './load-notice.tsx'

/** What came of the second, uncounted run that recorded everything; nothing when there was none. */
export function RecordingSection({ answer }: { answer: RunAnswer }) {
  const { run, laterArtifactsStored } = answer
  const { runId } = run
  const isThere = (wanted: string) => laterArtifactsStored.some(({ name }) => name === wanted)
  const about = isThere(RECORDING_ARTIFACT)
    ? addressOf(PATHS.artifact, { runId, name: RECORDING_ARTIFACT })
    : undefined
  const resource = useResource<Recording>(about)
  if (about === undefined) return null
  const recording = resource.data
  return (
    <section aria-label="Recording">
      <h2>
        Recording <span class="quiet">a second run, not counted</span>
      </h2>
      <LoadNotice resource={resource} />
      {recording && (
        <div class="card recording">
          <p>{recordingSentence(recording, run)}</p>
          {recording.error && !isSameError(recording, run) && (
            <pre class="message">{recording.error.message}</pre>
          )}
          {isThere('trace.zip') && (
            <p>
              <a class="button" href={traceViewerAddress(runId)} target="_blank" rel="noopener">
                Open the trace
              </a>{' '}
              <span class="quiet">
                each action with the page before and after it, in Playwright's viewer, a new tab
              </span>
            </p>
          )}
          {isThere('video.webm') && (
            // A recording of a page has no speech.
            <video
              controls
              muted
              preload="metadata"
              aria-label="Video of the recording"
              src={addressOf(PATHS.artifact, { runId, name: 'video.webm' })}
            />
          )}
          {recording.notes.length > 0 && (
            <ul>
              {recording.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  )
}

const traceViewerAddress = (runId: string): string =>
  addressOf(
    PATHS.traceViewer,
    {},
    { trace: addressOf(PATHS.artifact, { runId, name: 'trace.zip' }) },
  )
