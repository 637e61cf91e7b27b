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
    name: 'status',
    summary: 'shows sinks, lanes, positions and lag in events',
    load: async () => (await import('./status.ts')).status,
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
