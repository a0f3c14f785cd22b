import { type Command, Option } from 'commander'
import { example } from '../../providers/_example.ts'
import type { Catalogue } from './catalogue.ts'
import { collect, filters } from './options.ts'

const { provider, event } = example

/** Listen, events, replay and trigger: what comes and where it goes. */
export function commandsOfEvents({ program, add, run }: Catalogue): void {
  filters(
    add(program, 'listen', 'receive, show and forward events; opens the door and the tunnel', [
      'whs listen --forward 3000',
      'whs listen --forward localhost:3000/webhooks/{provider} --domain hooks.example.ngrok.app',
      'whs listen --forward tenant=acme,event=invoice.*,to=3001 --forward 3000',
      'whs listen --tunnel none --tenant acme --output json',
    ]),
  )
    .option('--forward <rule>', 'where events go; the first rule that fits takes the event', collect)
    .addOption(
      new Option('--deliver <form>', 'original requests, or one CloudEvent each').choices(['original', 'event']),
    )
    .option('--tunnel <how>', 'ngrok, none or an https URL of yours')
    .option('--domain <name>', 'the ngrok domain')
    .option('--port <n>', 'the port of the public door (default 4400)')
    .option('--since <when>', 'show what was stored since, too')
    .option('--skip-open', 'leave what is still open from earlier')
    .option('--temporary', 'make the hooks that are lacking, and remove them at the end')
    .addOption(
      new Option('--answer <who>', 'handler: the provider gets your handler’s answer, where it comes in time').choices([
        'handler',
      ]),
    )
    .option('--allow-remote', 'let targets be other machines')
    .option('--allow-unverified', 'take deliveries whose signature is wrong or missing, too')
    .option('--handler-timeout <duration>', 'how long a handler may take')
    .option('--cacert <pem>', 'trust this authority for https targets')
    .action(run(() => import('../commands/listen.ts'), 'listenCommand'))

  const events = program
    .command('events')
    .alias('event')
    .description('what came, newest first')
    .allowExcessArguments()
    .exitOverride()
  const listOptions = (command: Command): Command =>
    filters(command)
      .option('--since <when>', 'since (2h, 7d, an ISO time)')
      .option('--until <when>', 'until')
      .option('--parked', 'only what nobody owns')
      .option('--rejected', 'requests that did not verify')
      .option('--failed', 'only what the handler never took')
      .option('--search <text>', 'only what holds this text')
      .option('--limit <n>', 'at most so many')
      .option('--follow', 'go on live, oldest first')
  listOptions(
    add(events, 'list', 'history and live', ['whs events --tenant acme --since 2h', 'whs events --follow']),
  ).action(run(() => import('../commands/events.ts'), 'eventsList'))
  listOptions(events).action(run(() => import('../commands/events.ts'), 'eventsList'))
  add(events, 'show <id>', 'one event, with its attempts', [
    'whs events show ZM083H',
    'whs events show last --raw | jq',
  ])
    .option('--raw', 'the exact bytes of the delivery’s body')
    .action(run(() => import('../commands/events.ts'), 'eventsShow'))

  add(program, 'replay <id...>', 'send events again, signed anew, and print the answer', [
    'whs replay ZM083H',
    'whs replay last --to 3001',
  ])
    .option('--to <target>', 'to this target instead of where the rules send it')
    .option('--allow-remote', 'let the target be another machine')
    .action(run(() => import('../commands/replay.ts'), 'replayCommand'))

  add(program, 'trigger <what>', 'a correctly signed sample delivery, through the front door of the running listener', [
    `whs trigger ${provider} --tenant acme`,
    `whs trigger ${provider}:${event} --tenant acme`,
  ])
    .option('--tenant <id>', 'for whom')
    .option('--mix <tenants>', 'one delivery with an event for each of these, separated by commas')
    .option('--set <path=value>', 'change the sample', collect)
    .option('--count <n>', 'so many deliveries')
    .option('--wrong-signature', 'signed with another secret')
    .option('--stale', 'signed longer ago than the provider allows')
    .option('--repeat', 'each delivery twice, the same to the byte')
    .option('--no-wait', 'do not wait for the handler’s answer')
    .action(run(() => import('../commands/trigger.ts'), 'triggerCommand'))
}
