/**
 * Commands that cannot be taken back, or that others feel at once. Not a wall: it reminds whoever
 * writes a runbook to say what must be true before.
 */
const DESTRUCTIVE: readonly [pattern: RegExp, what: string][] = [
  [/(^|[\s;&|(])(sudo\s+)?rm\s/, 'removes files'],
  [/\s-delete\b/, 'removes files'],
  [/(^|[\s;&|(])(sudo\s+)?(truncate|shred|mkfs\S*|dd)\s/, 'overwrites data'],
  [/\b(drop|truncate)\s+(table|database|index|schema)\b/i, 'removes data'],
  [/\bdelete\s+from\b/i, 'removes data'],
  [/\bpg_drop_replication_slot\b/i, 'removes what a replica needs'],
  [/\bpg_terminate_backend\b/i, 'ends the work of others'],
  [/(^|[\s;&|(])(sudo\s+)?(kill|pkill|killall)\s/, 'ends processes'],
  [/\b(pg_ctl\s+promote|pg_promote\s*\()/i, 'makes a second primary'],
  [/\brollout\s+(undo|restart)\b/, 'replaces what runs'],
  [/\bkubectl\s+(delete|drain|scale|patch)\b/, 'changes what runs'],
  [/\bsystemctl\s+(stop|restart|disable)\b/, 'stops a service'],
  [/\bchange-resource-record-sets\b/, 'changes where names lead'],
  [/\bmodify-(listener|rule)\b/, 'changes where requests go'],
]

/** What a command does that cannot simply be taken back, in words; undefined for one that only looks. */
export const destruction = (command: string): string | undefined =>
  DESTRUCTIVE.find(([pattern]) => pattern.test(command))?.[1]
