/**
 * A command as data: its words, its examples and one function. The help, the parser and the tests read the same fields.
 *
 * A command prints results by `io.print` and everything else by `io.talk`; it never touches the process, so that tests
 * run it in place. It gives its exit code: 0 done, 1 failed; wrong usage is thrown as `UsageProblems` and becomes 2.
 */

import type { ForkSettings } from '../fork-worker.ts'
import type { Clock } from '../model/ports/clock.ts'
import type { Random } from '../model/ports/random.ts'
import type { ForkWorkers } from '../start-run.ts'
import type { CommandInput } from './command-input.ts'

export type ExitCode = 0 | 1 | 2

/** The world of a command. */
export interface CommandIo {
  /** Writes data to stdout; resolves when the stream takes more. Throws `OutputClosed` once the reader has gone. */
  print(chunk: string | Uint8Array): Promise<void>
  /** Writes to stderr, as it is. */
  talk(chunk: string): void
  readonly stdin: AsyncIterable<Uint8Array>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Current folder; relative paths begin here. */
  readonly folder: string
  readonly clock: Clock
  readonly random: Random
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal
  /** Whether the cursor of stderr may be moved: a terminal, no CI. */
  readonly isLive: boolean
  /** Whether stdout and stderr take colour. */
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean }
  /** Width of the terminal in characters. */
  readonly columns: number
  /** Its height. Absent: nobody knows it. */
  readonly rows?: number | undefined
  /** Starts processes that run lanes. Absent: they run in this one. */
  readonly fork?: (settings: ForkSettings) => Promise<ForkWorkers>
  /** What this process is called in the list of processes. */
  readonly setTitle?: (title: string) => void
}

export interface ArgumentDefinition {
  readonly name: string
  readonly doc: string
  readonly isRequired: boolean
  readonly isRepeated?: boolean
}

export interface OptionDefinition {
  /** As commander writes them: `-n, --limit <N>`. */
  readonly flags: string
  readonly doc: string
  /** Given several times, the values make a list. */
  readonly isRepeated?: boolean
}

/** Options that several commands share; `json` adds `--json` and `--pretty`. */
export type CommonOption = 'log' | 'rows' | 'objects' | 'topology' | 'namespace' | 'json'

export interface CommandDefinition {
  /** `query`, `dead-letters list`. */
  readonly name: string
  /** One sentence or more, for the help. */
  readonly doc: string
  readonly arguments: readonly ArgumentDefinition[]
  readonly options: readonly OptionDefinition[]
  readonly common: readonly CommonOption[]
  /** Whole command lines. */
  readonly examples: readonly string[]
  run(io: CommandIo, input: CommandInput): Promise<ExitCode>
}

/** The reader of stdout has gone (`| head`): the command ends, and that is no failure. */
export class OutputClosed extends Error {}
