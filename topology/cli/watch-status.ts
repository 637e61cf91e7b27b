/**
 * `status --watch`: on a terminal the status is drawn anew every second; elsewhere a line is written on each change, and
 * on a cadence. What cannot be read is said, and looked at again with the next second.
 */
import { stripVTControlCharacters } from 'node:util'
import { formatTime } from '../model/event-time.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandIo } from './command.ts'
import type { ReadStatus } from './read-status.ts'
import { StatusVoice } from './status-voice.ts'

export interface WatchedStatus {
  read(): Promise<ReadStatus>
  /** The whole of it, for a terminal. */
  text(found: ReadStatus): string
  /** One line without its time: a sentence, or JSON. */
  line(found: ReadStatus): string
  /** The longest silence. */
  updateMs(): number
}

const watchEveryMs = 1_000
const home = '\x1b[H'
const clearRest = '\x1b[J'
const clearLine = '\x1b[K'

/** Until Ctrl-C. `isJson`: lines are for programs, and nothing is redrawn. */
export const watchStatus = async (io: CommandIo, watched: WatchedStatus, isJson: boolean): Promise<void> => {
  const draws = !isJson && io.isLive && io.colour.stdout
  const voice = new StatusVoice()
  if (draws) await io.print(`${home}${clearRest}`)
  while (!io.signal.aborted) {
    await (draws ? draw(io, watched) : speak(io, watched, voice, isJson))
    await io.clock.sleep(watchEveryMs, io.signal)
  }
}

const draw = async (io: CommandIo, watched: WatchedStatus): Promise<void> => {
  const text = await watched.read().then(watched.text, (error: unknown) => `could not look: ${messageOf(error)}\n`)
  const at = formatTime(io.clock.nowMs()).slice(11, 19)
  const lines = drawnLines(text, `${at} UTC, every second; Ctrl-C ends the watch, not the run`, io)
  await io.print(`${home}${lines.map((line) => `${line}${clearLine}\n`).join('')}${clearRest}`)
}

/** As many lines as the terminal has room for, so that the first one stays where it is. */
export const drawnLines = (
  text: string,
  foot: string,
  { columns, rows = Number.POSITIVE_INFINITY }: Pick<CommandIo, 'columns' | 'rows'>,
): readonly string[] => {
  const heightOf = (line: string): number =>
    Math.max(1, Math.ceil(stripVTControlCharacters(line).length / Math.max(1, columns)))
  const lines = text.replace(/\n$/, '').split('\n')
  // An empty line, the foot, and the line of the cursor below them.
  const room = rows - heightOf(foot) - 2
  const whole = lines.reduce((sum, line) => sum + heightOf(line), 0)
  if (whole <= room) return [...lines, '', foot]
  let [shown, height] = [0, 0]
  while (height + heightOf(lines[shown] ?? '') <= room - 1) height += heightOf(lines[shown++] ?? '')
  const left = lines.length - shown
  return [...lines.slice(0, shown), `... ${left} more lines: \`topology status\``, '', foot]
}

const speak = async (io: CommandIo, watched: WatchedStatus, voice: StatusVoice, isJson: boolean): Promise<void> => {
  const nowMs = io.clock.nowMs()
  const updateMs = watched.updateMs()
  const line = await watched.read().then(
    (found) => {
      const said = voice.line(watched.line(found), found, nowMs, updateMs)
      return said !== undefined && isJson ? watched.line(found) : said
    },
    (error: unknown) => {
      const said = voice.failure(messageOf(error), nowMs, updateMs)
      return said !== undefined && isJson ? JSON.stringify({ error: messageOf(error) }) : said
    },
  )
  if (line !== undefined) await io.print(isJson ? `${line}\n` : `${formatTime(nowMs)} ${line}\n`)
}
