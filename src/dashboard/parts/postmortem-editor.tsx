import { useState } from 'preact/hooks'
import type { Postmortem, PostmortemBody } from '../../protocol/postmortem.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { rememberedPerson, rememberPerson } from '../live/person.ts'
import { type Saving, useAutosave } from '../live/use-autosave.ts'
import type { ActionField } from '../words/incident-actions.ts'
import { dateTime } from '../words/time-words.ts'
import { ActionItems } from './action-items.tsx'
import { CommandDialog } from './command-dialog.tsx'
import { fetchedPart } from './fetched-part.tsx'
import { Moment } from './moment.tsx'
import { WhyEditor } from './why-editor.tsx'
import '../styles/postmortem.css'

const RevisionList = fetchedPart(async () => (await import('./revision-list.tsx')).RevisionList)

const STATE_WORDS: { readonly [S in Postmortem['state']]: string } = {
  draft: 'draft',
  in_review: 'in review',
  reviewed: 'reviewed',
  closed: 'closed',
}
const NEXT: { readonly [S in Postmortem['state']]: { to: Postmortem['state']; label: string }[] } =
  {
    draft: [{ to: 'in_review', label: 'Send to review' }],
    in_review: [
      { to: 'reviewed', label: 'It is reviewed' },
      { to: 'draft', label: 'Back to the draft' },
    ],
    reviewed: [{ to: 'in_review', label: 'Review it again' }],
    closed: [],
  }
const NOTE: ActionField = { kind: 'words', name: 'note', label: 'Note', isNeeded: false }

/** The review of an incident: what people write is saved as they write, and the record fills the numbers. */
export function PostmortemEditor(props: { postmortem: Postmortem; reload(): void }) {
  const { postmortem, reload } = props
  const { incidentId, state, dueAt } = postmortem
  const address = addressOf(PATHS.postmortem, { incidentId })
  const [by, setBy] = useState(rememberedPerson())
  const saving = useAutosave<PostmortemBody>(address, postmortem, rememberedPerson)
  const [move, choose] = useState<(typeof NEXT)['draft'][number]>()
  const isClosed = state === 'closed'
  const done = () => {
    choose(undefined)
    reload()
  }
  return (
    <>
      <section class="card postmortem-head" aria-label="State">
        <p>
          <strong>{STATE_WORDS[state]}</strong>
          {dueAt !== null && !isClosed && <span class="quiet"> · due {dateTime(dueAt)}</span>}
          <span class="quiet">
            {' '}
            · revision {postmortem.revision}, {postmortem.updatedBy},{' '}
            <Moment at={postmortem.updatedAt} />
          </span>
        </p>
        <div class="command-buttons">
          {NEXT[state].map((next) => (
            <button key={next.to} type="button" onClick={() => choose(next)}>
              {next.label}
            </button>
          ))}
          <a href={`${address}/export?format=md`} download>
            Markdown
          </a>
          <a href={`${address}/export?format=pdf`} download>
            PDF
          </a>
        </div>
        {!isClosed && (
          <label>
            <span>Your name</span>
            <input
              value={by}
              maxLength={100}
              autocomplete="name"
              onInput={(event) => {
                setBy(event.currentTarget.value)
                rememberPerson(event.currentTarget.value.trim())
              }}
            />
          </label>
        )}
        <SaveState
          saving={saving}
          revision={postmortem.revision}
          theirs={postmortem}
          reload={reload}
        />
      </section>
      <Sections postmortem={postmortem} saving={saving} isClosed={isClosed} />
      <Figures postmortem={postmortem} saving={saving} isClosed={isClosed} />
      <section class="card postmortem-section" aria-label="Root cause analysis">
        <h2>Root cause analysis</h2>
        <label>
          <span>The question</span>
          <input
            value={saving.body.why.question}
            disabled={isClosed}
            onInput={(event) =>
              saving.change({
                ...saving.body,
                why: { ...saving.body.why, question: event.currentTarget.value },
              })
            }
          />
        </label>
        <WhyEditor
          answers={saving.body.why.answers}
          depth={0}
          isClosed={isClosed}
          onChange={(answers) =>
            saving.change({ ...saving.body, why: { ...saving.body.why, answers } })
          }
        />
      </section>
      <ActionItems
        items={postmortem.actionItems}
        addAddress={isClosed ? undefined : `${address}/action-items`}
        onDone={reload}
      />
      <Record postmortem={postmortem} saving={saving} isClosed={isClosed} />
      <Revisions
        postmortem={postmortem}
        refusal={
          isClosed
            ? 'It is closed and does not change any more.'
            : saving.state === 'saved'
              ? undefined
              : 'Once everything is saved, an earlier one can be restored.'
        }
        onRestored={(restored) => {
          saving.adopt(restored)
          reload()
        }}
      />
      {move && (
        <CommandDialog
          title={move.label}
          means="It is on the timeline of the incident."
          address={`${address}/move`}
          fields={[NOTE]}
          says={{ to: move.to }}
          isOfNow={true}
          isWithoutId={true}
          onClose={() => choose(undefined)}
          onDone={done}
        />
      )}
    </>
  )
}

const SAVE_WORDS: { readonly [S in Saving<object>['state']]: string } = {
  saved: 'Everything is saved.',
  waiting: 'Saved after a pause in typing …',
  saving: 'Saving …',
  failed: 'Not saved yet; what you wrote is kept in this browser.',
  conflict: 'Somebody else saved meanwhile. Nothing is lost: yours is below, theirs is here.',
}

function SaveState(props: {
  saving: Saving<PostmortemBody>
  revision: number
  theirs: Postmortem
  reload(): void
}) {
  const { saving, revision, theirs, reload } = props
  const { state, problem } = saving
  return (
    <div role="status">
      <p class={state === 'failed' || state === 'conflict' ? 'tone-failed' : 'quiet'}>
        {SAVE_WORDS[state]} {problem && `${problem.title}. ${problem.detail ?? ''}`}
      </p>
      {state === 'failed' && (
        <button type="button" onClick={() => saving.save()}>
          Save now
        </button>
      )}
      {state === 'conflict' && (
        <>
          <div class="command-buttons">
            <button type="button" onClick={reload}>
              Show theirs
            </button>
            <button type="button" onClick={() => saving.save(revision)}>
              Save mine over revision {revision}
            </button>
          </div>
          <details>
            <summary>
              Theirs, revision {revision} of {theirs.updatedBy}
            </summary>
            {SECTIONS.map(({ name, title }) => (
              <div key={name}>
                <h3>{title}</h3>
                <p class="written">{theirs.body[name]}</p>
              </div>
            ))}
          </details>
        </>
      )}
    </div>
  )
}

const SECTIONS = [
  { name: 'summary', title: 'Summary' },
  { name: 'impact', title: 'Impact' },
  { name: 'wentWell', title: 'What went well' },
  { name: 'wentBadly', title: 'What went badly' },
] as const

type EditorProps = { postmortem: Postmortem; saving: Saving<PostmortemBody>; isClosed: boolean }

function Sections({ postmortem, saving, isClosed }: EditorProps) {
  return (
    <>
      {SECTIONS.map(({ name, title }) => (
        <section key={name} class="card postmortem-section" aria-label={title}>
          <label>
            <span class="section-title">{title}</span>
            <textarea
              rows={name === 'summary' ? 5 : 6}
              value={saving.body[name]}
              disabled={isClosed}
              onInput={(event) =>
                saving.change({ ...saving.body, [name]: event.currentTarget.value })
              }
            />
          </label>
          <p class="quiet">Reads: {filled(saving.body[name], postmortem)}</p>
          {postmortem.advice
            .filter(({ section }) => section === name)
            .map(({ words, advice }) => (
              <p key={words} class="tone-degraded">
                “{words}”: {advice}
              </p>
            ))}
        </section>
      ))}
    </>
  )
}

const filled = (text: string, { figures }: Postmortem) =>
  text.replaceAll(/\{\{\s*([a-z_]+)\s*\}\}/g, (whole, name: string) => {
    const figure = figures.find((candidate) => candidate.name === name)
    return figure ? (figure.value ?? 'not known') : whole
  })

function Figures({ postmortem, saving, isClosed }: EditorProps) {
  const [chosen, choose] = useState<Postmortem['figures'][number]>()
  return (
    <section class="card postmortem-section" aria-label="Figures">
      <h2>Figures</h2>
      <table class="stacking">
        <thead>
          <tr>
            <th scope="col">figure</th>
            <th scope="col">value</th>
            <th scope="col">how it is known</th>
            <th scope="col">in a text</th>
            <th scope="col">correct</th>
          </tr>
        </thead>
        <tbody>
          {postmortem.figures.map((figure) => (
            <tr key={figure.name}>
              <th scope="row">{figure.label}</th>
              <td data-label="value">{figure.value ?? '–'}</td>
              <td data-label="how it is known">
                {figure.because} <span class="quiet">({figure.from})</span>
                {figure.recorded !== undefined && `; the record says ${figure.recorded}`}
              </td>
              <td data-label="in a text">
                <code>{`{{${figure.name}}}`}</code>
              </td>
              <td data-label="correct">
                {!isClosed && (
                  <button type="button" class="plain-button" onClick={() => choose(figure)}>
                    Say it<span class="unseen"> of {figure.label}</span>
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {chosen && (
        <SayFigure
          figure={chosen}
          onClose={() => choose(undefined)}
          onSaid={(said) => {
            saving.change({
              ...saving.body,
              figures: { ...saving.body.figures, [chosen.name]: said },
            })
            choose(undefined)
          }}
        />
      )}
    </section>
  )
}

function SayFigure(props: {
  figure: Postmortem['figures'][number]
  onClose(): void
  onSaid(said: { value: string; reason: string; by: string }): void
}) {
  const { figure, onClose, onSaid } = props
  return (
    <form
      class="say-figure"
      aria-label={`${figure.label}, as a person says`}
      onSubmit={(event) => {
        event.preventDefault()
        const typed = new FormData(event.currentTarget)
        const of = (name: string) => String(typed.get(name) ?? '').trim()
        rememberPerson(of('by'))
        onSaid({ value: of('value'), reason: of('reason'), by: of('by') })
      }}
    >
      <label>
        <span>{figure.label}</span>
        <input name="value" required maxLength={100} defaultValue={figure.value ?? ''} />
      </label>
      <label>
        <span>How you know</span>
        <input name="reason" required maxLength={400} />
      </label>
      <label>
        <span>Who says it</span>
        <input name="by" required maxLength={100} defaultValue={rememberedPerson()} />
      </label>
      <div class="command-buttons">
        <button type="submit" class="main-button">
          Say it
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}

/** Seldom looked at, and long: fetched when it is opened. */
function Revisions(props: {
  postmortem: Postmortem
  refusal: string | undefined
  onRestored(restored: Postmortem): void
}) {
  const [isOpen, open] = useState(false)
  const { incidentId } = props.postmortem
  return (
    <section class="card postmortem-section" aria-label="Revisions">
      <h2>Revisions</h2>
      <details onToggle={(event) => open(event.currentTarget.open)}>
        <summary>What was saved before, by whom and when</summary>
        {isOpen && (
          <RevisionList address={addressOf(PATHS.postmortem, { incidentId })} {...props} />
        )}
      </details>
    </section>
  )
}

function Record({ postmortem, saving, isClosed }: EditorProps) {
  const { hidden } = saving.body
  return (
    <section class="card postmortem-section" aria-label="Timeline">
      <h2>Timeline</h2>
      <p class="quiet">It is the record. What does not help the reader can be left out.</p>
      <ol class="postmortem-timeline">
        {postmortem.timeline.map(({ sequence, at, text, by }) => (
          <li key={sequence}>
            <label class="choice">
              <input
                type="checkbox"
                checked={!hidden.includes(sequence)}
                disabled={isClosed}
                onChange={(event) =>
                  saving.change({
                    ...saving.body,
                    hidden: event.currentTarget.checked
                      ? hidden.filter((other) => other !== sequence)
                      : [...hidden, sequence],
                  })
                }
              />
              <span>
                <Moment at={at} /> {text}
                {by !== undefined && <span class="quiet"> · {by}</span>}
              </span>
            </label>
          </li>
        ))}
      </ol>
    </section>
  )
}
