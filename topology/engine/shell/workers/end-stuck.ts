/** Ends the workers that do not answer, or hang in a call: they are replaced when they are gone. */
import { plantedFaults } from '../../../model/planted-faults.ts'
import { judgeWorker } from '../../workers/worker-health.ts'
import type { EngineParts } from '../engine-parts.ts'
import type { WorkerLink } from './worker-link.ts'

export const endStuck = (links: readonly WorkerLink[], knob: EngineParts['knob'], nowMs: number): void => {
  if (plantedFaults.has('silence-not-heard')) return
  const bounds = { heartbeatMs: knob('worker.heartbeatMs'), callMs: knob('worker.callMs') }
  for (const link of links) {
    const health = judgeWorker(link.signs, bounds, nowMs)
    if (health === 'silent') link.kill(`it was silent for ${bounds.heartbeatMs} ms`)
    if (health === 'overrun') link.kill(`a call took longer than ${bounds.callMs} ms`)
  }
}
