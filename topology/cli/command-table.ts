/**
 * Names and one line each of all commands, without loading any of them: the help costs no more than this file. Only
 * commands that work stand here.
 */
import type { CommandDefinition } from './command.ts'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  load(): Promise<CommandDefinition>
}

export const commandTable: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'makes a small project that runs at once',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'run',
    summary: 'runs a topology',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'replay',
    summary: 'recomputes a past range into a namespace, beside the live results',
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    name: 'promote',
    summary: 'makes the result of a replay what readers see, and leads back',
    load: async () => (await import('./promote.ts')).promote,
  },
  {
    name: 'ingest',
    summary: 'appends NDJSON, a JSON array or CSV to the log',
    load: async () => (await import('./ingest.ts')).ingest,
  },
  {
    name: 'schema',
    summary: 'shows the inferred schema with counts per type',
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'query',
    summary: 'reads a rollup',
    load: async () => (await import('./query.ts')).query,
  },
  {
    name: 'events',
    summary: 'reads event rows',
    load: async () => (await import('./events.ts')).events,
  },
  {
    name: 'delete',
    summary: 'requests a delete, or shows what it would cost',
    load: async () => (await import('./delete.ts')).deleteCommand,
  },
  {
    name: 'deletes',
    summary: 'shows delete requests with state and progress, and pauses one',
    load: async () => (await import('./deletes.ts')).deletes,
  },
  {
    name: 'objects',
    summary: 'lists objects with ranges and sizes, and verifies them',
    load: async () => (await import('./objects.ts')).objects,
  },
  {
    name: 'audit',
    summary: 'compares the counts of log, event rows, objects and rollups',
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'describe',
    summary: 'shows the declared graph with order needs, guarantees and tables',
    load: async () => (await import('./describe.ts')).describe,
  },
  {
    name: 'lint',
    summary: 'finds mistakes that would hurt in production',
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'simulate',
    summary: 'plays a topology through every fault, in virtual time',
    load: async () => (await import('./simulate.ts')).simulate,
  },
  {
    name: 'lag',
    summary: 'shows how far each branch is behind, how fast it drains and when it is done',
    load: async () => (await import('./lag.ts')).lag,
  },
  {
    name: 'status',
    summary: 'shows how a topology is: branches, backlog, tenants, what people have set',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'dump',
    summary: 'shows what is in flight now, oldest first',
    load: async () => (await import('./dump.ts')).dump,
  },
  {
    name: 'pause',
    summary: 'stops a branch at its own place, or for one tenant, while the others go on',
    load: async () => (await import('./pause.ts')).pause,
  },
  {
    name: 'resume',
    summary: 'lets a paused branch go on',
    load: async () => (await import('./resume.ts')).resume,
  },
  {
    name: 'tenant limit',
    summary: 'takes so many events a second of one tenant',
    load: async () => (await import('./tenant-limit.ts')).tenantLimit,
  },
  {
    name: 'tenant block',
    summary: 'takes nothing of one tenant for a while',
    load: async () => (await import('./tenant-block.ts')).tenantBlock,
  },
  {
    name: 'tenant clear',
    summary: 'takes limits and blocks of a tenant back',
    load: async () => (await import('./tenant-clear.ts')).tenantClear,
  },
  {
    name: 'tenant list',
    summary: 'shows which tenants are limited or blocked, by whom and why',
    load: async () => (await import('./tenant-list.ts')).tenantList,
  },
  {
    name: 'tune list',
    summary: 'shows every knob with its value, and who says so',
    load: async () => (await import('./tune-list.ts')).tuneList,
  },
  {
    name: 'tune set',
    summary: 'pins a knob of a running topology to a value, for a while',
    load: async () => (await import('./tune-set.ts')).tuneSet,
  },
  {
    name: 'tune unset',
    summary: 'takes a pinned knob back',
    load: async () => (await import('./tune-unset.ts')).tuneUnset,
  },
  {
    name: 'tune profile',
    summary: 'sets many knobs at once: realtime, catch-up, protect or auto',
    load: async () => (await import('./tune-profile.ts')).tuneProfile,
  },
  {
    name: 'tune log',
    summary: 'shows who has changed what of a running topology, when and why',
    load: async () => (await import('./tune-log.ts')).tuneLog,
  },
  {
    name: 'drain',
    summary: 'takes a process or worker out of service: its lanes go to others',
    load: async () => (await import('./drain.ts')).drain,
  },
  {
    name: 'undrain',
    summary: 'brings a drained process or worker back into service',
    load: async () => (await import('./undrain.ts')).undrain,
  },
  {
    name: 'runbook',
    summary: 'says what to do about a symptom, with the checks already done',
    load: async () => (await import('./runbook.ts')).runbook,
  },
  {
    name: 'alert test',
    summary: 'tries the ways by which people are told of alerts',
    load: async () => (await import('./alert-test.ts')).alertTest,
  },
  {
    name: 'skip',
    summary: 'shows what the log has dropped before it was read, and lets it go',
    load: async () => (await import('./skip.ts')).skip,
  },
  {
    name: 'dead-letters list',
    summary: 'lists records that could not be applied, with their causes',
    load: async () => (await import('./dead-letters-list.ts')).deadLettersList,
  },
  {
    name: 'dead-letters show',
    summary: 'shows one dead letter with its raw bytes',
    load: async () => (await import('./dead-letters-show.ts')).deadLettersShow,
  },
  {
    name: 'dead-letters redrive',
    summary: 'appends dead letters to the log again',
    load: async () => (await import('./dead-letters-redrive.ts')).deadLettersRedrive,
  },
  {
    name: 'log tail',
    summary: 'shows the newest records of the log as they come',
    load: async () => (await import('./log-tail.ts')).logTail,
  },
]
