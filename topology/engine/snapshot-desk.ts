/** A desk of knobs in a snapshot and back, so that people see from anywhere what a running process uses now. */
import { isProfileName } from '../model/knobs/profiles.ts'
import type { RunSnapshot } from '../model/run-snapshot.ts'
import { KnobDesk } from './knob-desk.ts'

/** What a snapshot tells of knobs. */
export const snapshotOfDesk = (desk: KnobDesk): Pick<RunSnapshot, 'profile' | 'pins' | 'settings'> => {
  const { options, pins, profile } = desk.state()
  return { profile: { mode: desk.word('profile.mode'), ...profile }, pins, settings: options }
}

/** The desk of a process that is read from its snapshot. */
export const deskOfSnapshot = (snapshot: Pick<RunSnapshot, 'profile' | 'pins' | 'settings'>): KnobDesk => {
  const { profile, pins, settings = {} } = snapshot
  const { name, sinceMs, reason, epochShare = 1 } = profile
  const known = isProfileName(name) ? name : 'realtime'
  return KnobDesk.from({ options: settings, pins, profile: { name: known, sinceMs, reason, epochShare } })
}
