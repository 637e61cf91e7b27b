/**
 * What a command says besides its results: lines by level on stderr, and on a live terminal one line of progress that
 * is redrawn below them.
 */
import { styleText } from 'node:util'
import type { CommandIo } from './command.ts'
import { type LogLevel, logLevels } from './command-input.ts'

export interface Talk {
  error(text: string): void
  warn(text: string): void
  info(text: string): void
  debug(text: string): void
  /** Replaces the line of progress; does nothing where the cursor cannot move. */
  progress(text: string): void
  /** Takes the line of progress away. */
  clear(): void
}

export const createTalk = (io: CommandIo, level: LogLevel): Talk => {
  const loudest = logLevels.indexOf(level)
  let shown = ''
  const clear = (): void => {
    if (shown !== '') io.talk('\r\x1b[K')
    shown = ''
  }
  const say = (of: LogLevel, text: string): void => {
    if (logLevels.indexOf(of) > loudest) return
    const kept = shown
    clear()
    io.talk(`${prefixOf(of, io.colour.stderr)}${text}\n`)
    if (kept !== '') redraw(kept)
  }
  const redraw = (text: string): void => {
    const cut = text.slice(0, Math.max(10, io.columns - 1))
    io.talk(`\r\x1b[K${cut}`)
    shown = cut
  }
  return {
    error: (text) => say('error', text),
    warn: (text) => say('warn', text),
    info: (text) => say('info', text),
    debug: (text) => say('debug', text),
    progress: (text) => {
      if (io.isLive && loudest >= logLevels.indexOf('info')) redraw(text)
    },
    clear,
  }
}

const prefixOf = (level: LogLevel, hasColour: boolean): string => {
  if (level === 'info') return ''
  const word = level === 'warn' ? 'warning:' : `${level}:`
  if (!hasColour) return `${word} `
  const colour = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'gray'
  return `${styleText(colour, word, { validateStream: false })} `
}
