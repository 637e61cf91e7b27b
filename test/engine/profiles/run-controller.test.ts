import { describe, expect, it } from 'vitest'
import { changeReason, changeText } from '../../../topology/engine/change-text.ts'
import { type KnobChange, KnobDesk } from '../../../topology/engine/knob-desk.ts'
import { controllerFacts } from '../../../topology/engine/profiles/controller-facts.ts'
import { RunController } from '../../../topology/engine/profiles/run-controller.ts'
import type { DependencyLine } from '../../../topology/model/run-snapshot.ts'
import { type FluidView, fluidSnapshot } from './fluid-snapshot.ts'

const behind = (lagMs: number): FluidView['lanes'] => [{ laneClass: 'live', lagEvents: 1_000, lagMs }]

const broker = (latencyMs: number): DependencyLine => ({
  ...{ kind: 'log', name: 'events', state: 'ok', latencyMs, reason: '', impact: [] },
})

const started = (
  options = {},
): { desk: KnobDesk; told: KnobChange[]; at: (second: number, view?: Partial<FluidView>) => string } => {
  const desk = new KnobDesk(options)
  const controller = new RunController(desk)
  const told: KnobChange[] = []
  desk.onChange((change) => told.push(change))
  const at = (second: number, view: Partial<FluidView> = {}): string => {
    controller.tick(fluidSnapshot({ atMs: second * 1_000, lanes: [], ...view }), second * 1_000)
    return desk.state().profile.name
  }
  return { desk, told, at }
}

describe('the controller', () => {
  it('D8: goes to catch-up above one bound and back below another, never faster than it holds', () => {
    const { at } = started()
    expect(at(0, { lanes: behind(300_000) })).toBe('realtime')
    expect(at(1, { lanes: behind(300_001) })).toBe('catch-up')
    expect(at(120, { lanes: behind(0) })).toBe('catch-up')
    expect(at(121, { lanes: behind(60_000) })).toBe('catch-up')
    expect(at(122, { lanes: behind(59_999) })).toBe('realtime')
    expect(at(240, { lanes: behind(400_000) })).toBe('realtime')
    expect(at(242, { lanes: behind(400_000) })).toBe('catch-up')
  })

  it('D8: protects what others need as well before all else, when it is in trouble for more than a blip', () => {
    const { at, told } = started()
    const view = { lanes: behind(1e9), dependencies: [broker(400)] }
    expect(at(0, { lanes: behind(1e9) })).toBe('catch-up')
    expect(at(130, { dependencies: [broker(400)] })).toBe('realtime')
    expect(at(255, { ...view, dependencies: [] })).toBe('catch-up')
    expect([380, 384].map((second) => at(second, view))).toEqual(['catch-up', 'catch-up'])
    expect(at(385, view)).toBe('protect')
    expect(told.at(-1)?.reason).toBe('log events answers in 400 ms, broker.latencyMs is 250')
  })

  it('D8: leaves a pinned knob alone and lists it, and tells values before and after', () => {
    const { desk, at, told } = started({ 'rows.inFlightRequests': 100 })
    desk.pin({ knob: 'backlog.activeLanes', value: 6, author: 'ann', reason: 'test', untilMs: 1e9 })
    at(1, { lanes: behind(1e6) })
    expect(desk.value('backlog.activeLanes')).toBe(6)
    const text = changeText(told.at(-1)!)
    expect(text).toContain('profile realtime -> catch-up (spillway: archive, partition 0, is 17 min behind')
    expect(text).toContain('replay.shareRatio 0.1 -> 0.05 and 12 more: `topology tune log`')
    expect(changeReason(told.at(-1)!)).toContain('epoch.bytes 16777216 -> 67108864')
    expect(text).toContain('left alone, because set by hand: backlog.activeLanes, rows.inFlightRequests')
  })

  it('follows a person at once, and takes over again when the pin is over', () => {
    const { desk, at, told } = started()
    desk.pin({ knob: 'profile.mode', value: 'protect', author: 'ann', reason: 'broker is ill', untilMs: 600_000 })
    expect(at(1, { lanes: behind(1e9) })).toBe('protect')
    expect(told.at(-1)).toMatchObject({ author: 'ann', reason: 'profile.mode is protect: broker is ill' })
    expect(at(599, { lanes: behind(1e9) })).toBe('protect')
    expect(at(601, { lanes: behind(1e9) })).toBe('protect')
    expect(told.at(-1)?.kind).toBe('expired')
    expect(at(722, { lanes: behind(1e9) })).toBe('catch-up')
  })

  it('begins with the profile that the run was given', () => {
    expect(started({ 'profile.mode': 'protect' }).at(1, { lanes: behind(1e9) })).toBe('protect')
  })

  it('D16: makes epochs smaller when memory is short, until the backlog is gone', () => {
    const { desk, at } = started()
    const short = { lanes: behind(1e9), heldBytes: 95, budgetBytes: 100 }
    at(0, short)
    for (const second of [121, 126, 250]) at(second, short)
    expect([desk.state().profile.name, desk.value('epoch.bytes')]).toEqual(['protect', 4_194_304])
    for (const second of [260, 400]) at(second, { lanes: behind(1e9) })
    expect([desk.state().profile.name, desk.value('epoch.bytes')]).toEqual(['catch-up', 33_554_432])
    at(600)
    expect([desk.state().profile.name, desk.value('epoch.bytes')]).toEqual(['realtime', 16_777_216])
  })
})

describe('what the controller looks at', () => {
  const view = fluidSnapshot({ atMs: 0, lanes: [{ laneClass: 'replay', lagEvents: 9, lagMs: 9e9 }, ...behind(5)] })

  it('leaves out what nobody wants faster: replays, paused branches, tenants that are held back', () => {
    expect(controllerFacts(view, 250).lagMs).toBe(5)
    const [, live] = view.lag
    const paused = { ...view, branches: [{ branch: 'archive', state: 'paused' } as never] } // only these are looked at
    expect(controllerFacts(paused, 250).lagMs).toBe(0)
    const rule = { tenant: 'acme', rule: 'block', author: 'ann', reason: '', untilMs: null } as const
    const blocked = { ...view, lag: [{ ...live!, laneClass: 'tenant', tenant: 'acme' } as const] }
    expect(controllerFacts(blocked, 250).lagMs).toBe(5)
    expect(controllerFacts({ ...blocked, tenantRules: [rule] }, 250).lagMs).toBe(0)
  })

  it('calls trouble fading when it is below its bound but not far', () => {
    const troubles = (latencyMs: number): readonly boolean[] =>
      controllerFacts({ ...view, dependencies: [broker(latencyMs)] }, 250).troubles.map(({ isFading }) => isFading)
    expect([251, 250, 201, 200].map(troubles)).toEqual([[false], [true], [true], []])
  })

  it('takes the fullest worker for memory', () => {
    const worker = (heldBytes: number): never => ({ heldBytes, budgetBytes: 100 }) as never // only these are looked at
    const facts = controllerFacts({ ...view, workers: [worker(10), worker(91)] }, 250)
    expect(facts.troubles).toEqual([{ kind: 'memory', text: '91 % of the memory budget is held', isFading: false }])
  })
})
