import { useState } from 'preact/hooks'
import type { LiveEvent } from '../../protocol/public-api.ts'
import type { PostmortemAnswer, RevisionsAnswer } from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { revisionSections } from '../words/revision-words.ts'
import { wordDiff } from '../words/word-diff.ts'
import { CommandDialog } from './command-dialog.tsx'
import { LoadNotice } from './load-notice.tsx'
import { Moment } from './moment.tsx'
import { Skeleton } from './skeleton.tsx'

type Revision = RevisionsAnswer['data'][number]

/** What was saved before: who and when, what each changed, and the way back to it. */
export function RevisionList(props: {
  /** Of the postmortem. */
  address: string
  postmortem: PostmortemAnswer
  /** Why nothing can be restored at the moment; undefined where it can. */
  refusal: string | undefined
  onRestored(restored: PostmortemAnswer): void
}) {
  const { address, postmortem, refusal, onRestored } = props
  const { incidentId } = postmortem
  const resource = useResource<RevisionsAnswer>(`${address}/revisions`, {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'incident' && event.incidentId === incidentId ? RELOAD_GAP_MS : undefined,
  })
  const [shown, show] = useState<number>()
  const [restoring, restore] = useState<Revision>()
  const revisions = resource.data?.data
  return (
    <>
      <LoadNotice resource={resource} />
      {!revisions && !resource.problem && <Skeleton rows={3} label="Loading the revisions" />}
      <ol class="revisions">
        {revisions?.map((revision, index) => {
          const isShown = shown === revision.revision
          const id = `revision-${revision.revision}`
          return (
            <li key={revision.revision}>
              <div class="revision-head">
                <button
                  type="button"
                  aria-expanded={isShown}
                  aria-controls={id}
                  onClick={() => show(isShown ? undefined : revision.revision)}
                >
                  Revision {revision.revision}
                </button>
                <span>
                  {revision.savedBy} <span class="quiet">· </span>
                  <Moment at={revision.savedAt} />
                  {revision.restoredFrom !== undefined && (
                    <span class="quiet"> · revision {revision.restoredFrom} again</span>
                  )}
                </span>
                {index > 0 && refusal === undefined && (
                  <button type="button" class="plain-button" onClick={() => restore(revision)}>
                    Restore<span class="unseen"> revision {revision.revision}</span>
                  </button>
                )}
              </div>
              <div id={id} hidden={!isShown}>
                {isShown && <RevisionText revision={revision} before={revisions[index + 1]} />}
              </div>
            </li>
          )
        })}
      </ol>
      {refusal !== undefined && <p class="quiet">{refusal}</p>}
      {restoring && (
        <CommandDialog<PostmortemAnswer>
          title={`Restore revision ${restoring.revision}`}
          means="It becomes a new revision; what is written now stays in this list."
          address={`${address}/restore`}
          fields={[]}
          says={{ revision: postmortem.revision, from: restoring.revision }}
          isOfNow={true}
          isWithoutId={true}
          onClose={() => restore(undefined)}
          onDone={(answer) => {
            restore(undefined)
            show(undefined)
            onRestored(answer)
          }}
        />
      )}
    </>
  )
}

/** What it changed of the one before, and all of it. */
function RevisionText({ revision, before }: { revision: Revision; before: Revision | undefined }) {
  const sections = revisionSections(revision.body)
  const earlier = before && revisionSections(before.body)
  const changed = sections.flatMap(({ title, text }, index) => {
    const old = earlier?.[index]?.text
    return old === undefined || old === text ? [] : [{ title, parts: wordDiff(old, text) }]
  })
  return (
    <>
      {before ? (
        <p class="quiet">
          {changed.length === 0
            ? `The same as revision ${before.revision}.`
            : `What is different from revision ${before.revision}:`}
        </p>
      ) : (
        <p class="quiet">The first that is kept.</p>
      )}
      {changed.map(({ title, parts }) => (
        <section key={title} aria-label={`Changes of ${title}`}>
          <h3>{title}</h3>
          <p class="written">
            {parts.map(({ kind, text }, index) =>
              kind === 'same' ? (
                <span key={index}>{text}</span>
              ) : kind === 'removed' ? (
                <del key={index}>{text}</del>
              ) : (
                <ins key={index}>{text}</ins>
              ),
            )}
          </p>
        </section>
      ))}
      <details>
        <summary>All of revision {revision.revision}</summary>
        {sections.map(({ title, text }) => (
          <div key={title}>
            <h3>{title}</h3>
            <p class="written">{text === '' ? '–' : text}</p>
          </div>
        ))}
      </details>
    </>
  )
}
