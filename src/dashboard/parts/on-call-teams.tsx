import type { OnCallAnswer } from '../live/answers.ts'
import { heldBy, nameOf } from '../words/shift-words.ts'
import { Moment } from './moment.tsx'

type Team = OnCallAnswer['teams'][number]
type Duty = Team['primary']

/** Each team: who is on call for it now, and who takes over when. */
export function OnCallTeams({ answer }: { answer: OnCallAnswer }) {
  return (
    <div class="on-call-teams">
      {answer.teams.map((team) => (
        <TeamCard key={team.id} team={team} answer={answer} />
      ))}
    </div>
  )
}

function TeamCard({ team, answer }: { team: Team; answer: OnCallAnswer }) {
  const { people } = answer
  const rotations = answer.rotations.filter(({ teamId }) => teamId === team.id)
  return (
    <section class="card on-call-team" aria-label={team.name}>
      <h2>
        {team.name} <span class="quiet">{team.services.join(', ')}</span>
      </h2>
      <dl class="facts">
        <Holder name="On call" duty={team.primary} answer={answer} />
        <Holder name="Behind them" duty={team.secondary} answer={answer} />
        {team.lead !== undefined && (
          <div>
            <dt>Lead</dt>
            <dd>{nameOf(people, team.lead)}</dd>
          </div>
        )}
        {team.manager !== undefined && (
          <div>
            <dt>Manager</dt>
            <dd>{nameOf(people, team.manager)}</dd>
          </div>
        )}
        {rotations.map(({ id, name, next }) => (
          <div key={id}>
            <dt>Next in {name}</dt>
            <dd>
              {next ? (
                <>
                  {heldBy(people, next.primary)} from <Moment at={next.from} />
                </>
              ) : (
                'nothing changes within a year'
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Holder({ name, duty, answer }: { name: string; duty: Duty; answer: OnCallAnswer }) {
  return (
    <div>
      <dt>{name}</dt>
      {'nobody' in duty ? (
        <dd>
          <strong class="tone-failed">nobody</strong>
          <span class="quiet">: {duty.nobody}</span>
        </dd>
      ) : (
        <dd>
          <strong>{duty.people.map((person) => person.name).join(', ')}</strong>
          {duty.people.some(({ id }) => isUnreachable(answer, id)) && (
            <span class="tone-failed"> (no verified contact)</span>
          )}
          <span class="quiet">: {duty.reason}</span>
        </dd>
      )}
    </div>
  )
}

const isUnreachable = ({ people }: OnCallAnswer, id: string) =>
  people.find((person) => person.id === id)?.reachedBy.length === 0
