/** Ports are open before a run is there, and read knobs of their own: the run tells them where the values are. */
import type { KnobReader } from '../../model/ports/dependency.ts'
import type { Resources } from '../../model/run-handle.ts'

/** Of ports that several runs of a process share, the last one counts. */
export const tellKnobs = ({ logs, rows, objects }: Resources, knob: KnobReader): void => {
  for (const port of new Set([...Object.values(logs), rows, objects])) port.useKnobs?.((name) => knob(name))
}
