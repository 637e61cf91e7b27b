/** Symptoms of the work itself: workers, records that harm, stalls, alerts, results. */
import type { Symptom } from '../runbook.ts'

export const workSymptoms: readonly Symptom[] = [
  {
    number: 7,
    name: 'workers die or hang on the same record',
    words: ['crash', 'poison', 'worker', 'die', 'dies', 'killed', 'loop', 'endless', 'heap', 'query of death'],
    say: 'That one record stops a part of the lanes, which go on after it; nothing is lost.',
    steps: [
      'Wait: after poison.attempts workers the record is found by halving and becomes a dead letter.',
      'Look at it, mend the bolt, deploy, redrive.',
    ],
    checks: [
      { question: 'were workers replaced, and why', look: 'workersReplaced', isSign: true },
      { question: 'do dead letters grow', look: 'deadLetterRatio' },
      { question: 'which bolt burns the CPU', look: 'busiestBolt' },
      { question: 'is it always the same cause', byHand: 'topology dead-letters list: cause, attempts and place' },
    ],
    knobs: ['poison.attempts', 'worker.callMs', 'worker.heartbeatMs', 'batch.records'],
    commands: [
      'topology dead-letters list',
      'topology dead-letters show PLACE',
      'topology dead-letters redrive',
      'topology dump',
    ],
  },
  {
    number: 8,
    name: 'dead letters jump',
    words: ['rejected', 'reject', 'dead letter', 'invalid', 'malformed', 'errors', 'exceptions'],
    say: 'Which records are set aside, of whom, and that they can be brought back.',
    steps: [
      'Above deadLetter.laneRatio the lane stops by itself: that is a bug, no bad data. Roll back.',
      'A tenant that sends broken records is told; the records are kept with their cause.',
      'Start `topology run` again: a lane that has stopped goes on from its place. Then redrive.',
    ],
    checks: [
      { question: 'which share is rejected', look: 'deadLetterRatio', isSign: true },
      { question: 'did a process just start', look: 'recentStart' },
      { question: 'which lanes have stopped', look: 'stalledBranches' },
      { question: 'which cause', byHand: 'topology dead-letters list' },
    ],
    knobs: ['deadLetter.laneRatio', 'poison.attempts'],
    commands: ['topology dead-letters list', 'topology dead-letters redrive'],
  },
  {
    number: 12,
    name: 'event loop delay above `loop.delayMs`',
    words: ['event loop', 'blocked', 'loop delay', 'cpu bolt', 'spins', 'spinning'],
    say: 'Nothing, while fresh data is in time: status is answered by a process that runs no bolts.',
    steps: [
      'Smaller batches give way more often.',
      'A bolt that spins is ended at worker.callMs; move the step that burns the CPU.',
    ],
    checks: [
      { question: 'which worker is blocked', look: 'loopDelay', isSign: true },
      { question: 'which bolt burns the CPU', look: 'busiestBolt' },
    ],
    knobs: ['batch.records', 'worker.callMs', 'loop.delayMs', 'fill.cells', 'worker.processes'],
    commands: [
      'topology tune set batch.records 100 --for 2h --because "a bolt blocks the loop"',
      'topology dump',
      'topology drain PROCESS --because "its loop is blocked"',
    ],
  },
  {
    number: 13,
    name: 'the alert path is dead',
    words: ['alert', 'alerts', 'pager', 'paging', 'webhook', 'nobody was woken', 'heartbeat'],
    say: 'To whoever is on duty, by another way: nobody will be woken until it is mended.',
    steps: [
      'Mend the channel: address, credentials, quota. The second channel is used meanwhile.',
      'Try it; health stays red until a test has passed.',
    ],
    checks: [
      { question: 'did the last test pass', look: 'alertPath', isSign: true },
      { question: 'did the heartbeat arrive', byHand: 'where heartbeats of this topology are counted' },
    ],
    knobs: ['alert.testMs', 'alert.usedRatio', 'alert.forMs', 'alert.lagMs', 'canary.everyMs'],
    commands: ['topology alert test', 'topology tune set alert.testMs 5m --for 1d --because "the path was dead"'],
  },
  {
    number: 15,
    name: 'up, but nothing moves',
    words: ['stalled', 'stall', 'nothing happens', 'no progress', 'idle', 'fenced', 'stuck'],
    say: 'That it stands still since when, and which part; the log keeps the data.',
    steps: [
      'Release what a person has paused, limited or drained.',
      'A lane that belongs to another owner is left to it.',
      'What waits for a store goes on by itself when it answers.',
    ],
    checks: [
      { question: 'does work move', look: 'progress', isSign: true },
      { question: 'what is paused', look: 'pausedBranches' },
      { question: 'who is held back now', look: 'heldTenants' },
      { question: 'does a store or the log not answer', look: 'dependencies' },
      { question: 'is anything drained', look: 'drained' },
      { question: 'what has been open for longest', look: 'oldestCall' },
    ],
    knobs: ['stall.afterMs', 'breaker.probeMs', 'worker.heartbeatMs', 'group.sessionMs', 'backlog.activeLanes'],
    commands: ['topology dump', 'topology resume BRANCH', 'topology undrain PROCESS', 'topology tenant list'],
  },
  {
    number: 19,
    name: 'numbers look wrong after a crash, replay or delete',
    words: ['wrong', 'numbers', 'counts', 'missing', 'duplicates', 'doubled', 'mismatch', 'approximate'],
    say: 'Up to where results are complete, and what is still open.',
    steps: [
      'Wait for open lanes and deletes: results are whole when they are done, and they tell their ETA.',
      'Recompute the range into a namespace of its own and compare; promote it where it is right and the other is not.',
      'Never edit rows.',
    ],
    checks: [
      { question: 'which lanes are open behind the live ones', look: 'openLanes', isSign: true },
      { question: 'do dead letters hold records back', look: 'deadLetterRatio' },
      { question: 'which deletes are open', byHand: 'topology deletes' },
      { question: 'is an answer marked approximate', byHand: 'topology query ROLLUP --json: "approximate"' },
    ],
    knobs: ['dedupe.windowMs', 'replay.shareRatio', 'unique.exactValues'],
    commands: [
      'topology status --lanes',
      'topology deletes',
      'topology replay FILE --from TIME --to TIME --into check --dry-run',
      'topology promote check',
      'topology objects --verify',
    ],
  },
]
