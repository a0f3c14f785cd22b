import { type Command, Option } from 'commander'
import { example } from '../../providers/_example.ts'
import type { Catalogue } from './catalogue.ts'
import { collect, filters, storedFilters } from './options.ts'

const { provider, event } = example

/** Listen, events, replay and trigger: what comes and where it goes. */
export function commandsOfEvents({ program, add, run }: Catalogue): void {
  filters(
    add(program, 'listen', 'receive, show and forward events; opens the door and the tunnel', [
      'whs listen --forward 3000',
      'whs listen --forward localhost:3000/webhooks/{provider} --domain hooks.example.ngrok.app',
      'whs listen --forward tenant=acme,event=invoice.*,to=3001 --forward 3000',
      'whs listen --tunnel none --tenant acme --output json',
      'whs listen --forward event=tenant.*,event=consent.*,to=3001 --forward 3000',
      "whs listen --forward 3000 --exec 'npm test' --for 5m",
      'whs listen --max-events 3 --for 1m --log events.ndjson',
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
    .option('--fetch', 'get the changed thing itself by the tenant’s token, behind the event')
    .option('--catch-up', 'ask the providers for what was missed since the last listener')
    .option('--temporary', 'make the hooks that are lacking, and remove them at the end')
    .addOption(
      new Option('--answer <who>', 'handler: the provider gets your handler’s answer, where it comes in time').choices([
        'handler',
      ]),
    )
    .option('--allow-remote', 'let targets be other machines')
    .option('--allow-unverified', 'take deliveries whose signature is wrong or missing, too')
    .option('--handler-timeout <duration>', 'how long a handler may take (default none here, 30s elsewhere)')
    .option('--cacert <pem>', 'trust this authority for https targets')
    .option('--log <file>', 'append every record to this file (0600), beside what is printed')
    .option('--max-events <n>', 'end after so many events, once each was tried at its targets')
    .option('--for <duration>', 'end after this time; exit 9 where --max-events is unmet')
    .option('--exec <command>', 'start it when ready, with WHS_URL and WHS_CALLBACK_<APP>; end with its exit code')
    .action(run(() => import('../commands/listen.ts'), 'listenCommand'))

  storedFilters(
    add(program, 'wait', 'for scripts: wait for an event that came since the listener began (--since), or comes', [
      'whs wait --ready && npm test',
      `whs wait --tenant acme --event ${event} --timeout 30s`,
      'whs wait --tenant acme --handled',
      'whs wait --after ZM083H --count 3 --output json | jq .data',
    ]),
  )
    .option('--handled', 'until the handler said 2xx; exit 8 where its last word is another')
    .option('--after <id>', 'only for what came after this event, delivery or rejected request')
    .option('--count <n>', 'for so many (default 1)')
    .option('--timeout <duration>', 'how long to wait; then exit 9', '30s')
    .option('--ready', 'until a listener is ready; prints its URL')
    .action(run(() => import('../commands/wait.ts'), 'waitCommand'))

  const events = program
    .command('events')
    .alias('event')
    .description('what came, newest first')
    .allowExcessArguments()
    .exitOverride()
  const listOptions = (command: Command): Command =>
    storedFilters(command).option('--limit <n>', 'at most so many').option('--follow', 'go on live, oldest first')
  listOptions(
    add(events, 'list', 'history and live', ['whs events --tenant acme --since 2h', 'whs events --follow']),
  ).action(run(() => import('../commands/events.ts'), 'eventsList'))
  listOptions(events).action(run(() => import('../commands/events.ts'), 'eventsList'))
  add(events, 'show <id>', 'one event, with its attempts', [
    'whs events show ZM083H',
    'whs events show last --raw | jq',
    'whs events show last --fetch',
  ])
    .option('--raw', 'the exact bytes of the delivery’s body (with --fetch: of the API’s answer)')
    .option('--fetch', 'get the changed thing itself, as it is now, by the tenant’s token')
    .action(run(() => import('../commands/events-show.ts'), 'eventsShow'))

  add(program, 'catchup', 'ask the providers for what was missed, and enter it as events', [
    'whs catchup',
    'whs catchup --since 2h --tenant acme',
    `whs catchup --app ${provider} --since 7d --dry-run`,
  ])
    .option('--since <when>', 'since (2h, 7d, an ISO time); without it, since nobody listened')
    .option('--tenant <id>', 'only of this tenant', collect)
    .option('--app <name>', 'only of this app', collect)
    .option('--dry-run', 'say what would be entered, and enter nothing')
    .action(run(() => import('../commands/catchup.ts'), 'catchup'))

  add(program, 'explain <id>', 'why an event is whose it is, or why a request did not verify', [
    'whs explain last',
    'whs explain last-rejected',
    'whs explain ZM083H --output json',
  ]).action(run(() => import('../commands/explain.ts'), 'explainCommand'))

  add(program, 'inspect', 'events, tenants and explanations in your browser, live and local', [
    'whs inspect',
    'whs inspect --no-open   # prints the link; it works once, within half a minute',
    'whs --demo inspect',
  ])
    .option('--no-open', 'print the link instead of opening it')
    .option('--port <n>', 'the port where nobody listens (default any that is free)')
    .action(run(() => import('../commands/inspect.ts'), 'inspectCommand'))

  storedFilters(
    add(program, 'replay [id...]', 'send events again, signed anew, and print the answer', [
      'whs replay ZM083H',
      'whs replay last --to 3001',
      'whs replay --failed --since 2h',
      "whs replay --tenant acme --event 'invoice.*' --since 7d --yes",
      'whs replay last --edit',
      'whs replay ZM083H --as-tenant globex',
    ]),
  )
    .option('--to <target>', 'to this target instead of where the rules send it')
    .option('--as-tenant <id>', 'as this tenant’s: its account is written into the event')
    .option('--edit', 'change the event, or the delivery, in $VISUAL or $EDITOR first')
    .option('--keep-signature', 'the headers as they arrived, instead of a new signature')
    .option('--allow-remote', 'let the target be another machine')
    .option('--handler-timeout <duration>', 'how long the handler may take (default none here, 30s elsewhere)')
    .option('--cacert <pem>', 'trust this authority for https targets')
    .action(run(() => import('../commands/replay.ts'), 'replayCommand'))

  add(program, 'trigger <what>', 'a correctly signed sample delivery, through the front door of the running listener', [
    `whs trigger ${provider} --tenant acme`,
    `whs trigger ${provider}:${event} --tenant acme`,
    `whs trigger ${provider} --tenant acme --set data.note=hello --count 3`,
    `whs trigger ${provider} --mix acme,globex`,
    `whs trigger ${provider} --tenant acme --wrong-signature`,
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
