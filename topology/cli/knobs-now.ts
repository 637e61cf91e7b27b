/**
 * The knobs as a running process has told them a second ago; where none runs, as a run that starts here would have them.
 * Pins that stand are there at once, also those that no process has heard of yet.
 */
import { readControls } from '../../sinks/rows/controls.ts'
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { KnobDesk } from '../engine/knob-desk.ts'
import { deskOfSnapshot } from '../engine/snapshot-desk.ts'
import { isProfileName } from '../model/knobs/profiles.ts'
import { messageOf } from '../model/spillway-error.ts'
import { byProcess } from '../observe/merge-snapshots.ts'
import { standingControls } from '../standing-controls.ts'
import type { Reader } from './open-reader.ts'

export interface KnobsNow {
  readonly desk: KnobDesk
  /** Pins that do not fit with the rest here, and why. */
  readonly refused: readonly string[]
}

export const readKnobsNow = async (
  {
    rows,
    topology,
    configuration,
  }: Pick<Reader, 'rows' | 'configuration'> & { readonly topology: { readonly topology: string } },
  nowMs: number,
): Promise<KnobsNow> => {
  const [told] = byProcess((await readRunPositions(rows, topology.topology, nowMs)).snapshots)
  const desk = told === undefined ? new KnobDesk(configuration.knobs, nowMs) : deskOfSnapshot(told)
  const { pins } = standingControls(await readControls(rows, topology.topology, 'knob'), nowMs)
  for (const { knob } of desk.state().pins) if (pins.every((pin) => pin.knob !== knob)) desk.unpin(knob)
  const refused: string[] = []
  for (const pin of pins) {
    try {
      desk.pin(pin)
    } catch (error) {
      refused.push(`${pin.knob} ${pin.value}: ${messageOf(error)}`)
    }
  }
  const mode = desk.word('profile.mode')
  if (isProfileName(mode)) desk.setProfile(mode, 'set by hand', nowMs)
  return { desk, refused }
}
