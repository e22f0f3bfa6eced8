import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { Artifact } from '../../protocol/run.ts'
import type { RunAnswer } from '../live/answers.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { artifactWords, awaitedNames, awaitedWords } from '../words/artifact-words.ts'
import { bytesWords } from '../words/quantity.ts'
import { Screenshot } from './screenshot.tsx'

/** The pictures of a run as a filmstrip, then its other files, then those that were announced. */
export function ArtifactSection({ answer }: { answer: RunAnswer }) {
  const { run, artifactsStored, laterArtifactsStored, receivedAt } = answer
  const awaited = awaitedNames(run.laterArtifacts ?? [], laterArtifactsStored)
  const files = [...run.artifacts, ...laterArtifactsStored]
  if (files.length === 0 && awaited.length === 0) return null
  const isPicture = ({ mediaType }: Artifact) => mediaType.startsWith('image/')
  const pictures = files.filter(isPicture)
  return (
    <section aria-label="Pictures and files">
      <h2>Pictures and files</h2>
      <div class="card artifacts">
        {pictures.length > 0 && (
          <ol class={pictures.length > 1 ? 'filmstrip' : ''}>
            {pictures.map(({ name, step }) => (
              <li key={name}>
                <Screenshot
                  runId={run.runId}
                  name={name}
                  shows={
                    step === undefined ? artifactWords(name) : `step “${step}” of ${run.checkId}`
                  }
                />
              </li>
            ))}
          </ol>
        )}
        <ul class="file-list">
          {files
            .filter((file) => !isPicture(file))
            .map(({ name, bytes }) => (
              <li key={name}>
                <a href={addressOf(PATHS.artifact, { runId: run.runId, name })}>
                  {artifactWords(name)}
                </a>{' '}
                <span class="quiet">
                  {name}, {bytesWords(bytes)}
                  {artifactsStored.includes(name) ? '' : ', not here yet'}
                </span>
              </li>
            ))}
          {awaited.map((name) => (
            <li key={name} class="quiet">
              {artifactWords(name)} ({name}): {awaitedWords(receivedAt, coordinatorNow())}
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}
