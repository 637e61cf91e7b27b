/** A world for commands: a folder of its own, and everything that was printed and said. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CommandIo, ExitCode } from '../../topology/cli/command.ts'
import { runWords } from '../../topology/cli/main.ts'
import { systemClock, systemRandom } from '../../topology/engine/shell/system-clock.ts'

const repository = resolve(import.meta.dirname, '../..')

export interface CliWorld {
  readonly folder: string
  write(path: string, text: string): string
  /** Runs one command line; words with blanks stand in single quotes. */
  topology(line: string, more?: Partial<CommandIo>): Promise<CliOutcome>
}

export interface CliOutcome {
  readonly exit: ExitCode
  readonly stdout: string
  readonly stderr: string
}

/** A folder in which files may import `spillway`. Removed with the test, unless `keep` says that somebody else does it. */
export const createWorld = (keep = false): CliWorld => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-cli-'))
  if (!keep) onTestFinished(() => removeWorld(folder))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(repository, join(folder, 'node_modules/spillway'))
  symlinkSync(join(repository, 'node_modules/rxjs'), join(folder, 'node_modules/rxjs'))
  return {
    folder,
    write: (path, text) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
      return path
    },
    topology: async (line, more = {}) => {
      let [stdout, stderr] = ['', '']
      const io: CommandIo = {
        print: async (chunk) => {
          stdout += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
        },
        talk: (chunk) => {
          stderr += chunk
        },
        stdin: bytes(''),
        env: {},
        folder,
        clock: systemClock,
        random: systemRandom,
        signal: new AbortController().signal,
        isLive: false,
        colour: { stdout: false, stderr: false },
        columns: 100,
        ...more,
      }
      const exit = await runWords(wordsOf(line), io)
      return { exit, stdout, stderr }
    },
  }
}

export const removeWorld = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** Splits like a shell, as far as examples need it. */
export const wordsOf = (line: string): readonly string[] =>
  (line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []).map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))

/** Text as a stream, in pieces of a few bytes where asked. */
export async function* bytes(text: string, pieceBytes = 1_000_000): AsyncIterable<Uint8Array> {
  const whole = Buffer.from(text)
  for (let at = 0; at < whole.length; at += pieceBytes) yield whole.subarray(at, at + pieceBytes)
}
