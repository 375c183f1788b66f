// The AWS SDK for JavaScript, told what to ask by a JSON document on stdin; it prints what it got.
//
// A step is {send, parameters} or {paginate, parameters}, with the names of operations. Dates are
// written as {"$date": "..."}, here and there.

import * as sdk from "@aws-sdk/client-backup";
import { ConfiguredRetryStrategy } from "@smithy/util-retry";

const restored = (value) => {
  if (Array.isArray(value)) return value.map(restored);
  if (value === null || typeof value !== "object") return value;
  if ("$date" in value) return new Date(value.$date);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, restored(each)]));
};

const written = (value) => {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (Array.isArray(value)) return value.map(written);
  if (value === null || typeof value !== "object") return value;
  const known = Object.entries(value).filter(([name, each]) => name !== "$metadata" && each !== undefined);
  return Object.fromEntries(known.map(([name, each]) => [name, written(each)]));
};

// The classes that an error is an instance of, by the names under which the SDK exports them.
const classes = (error) =>
  Object.keys(sdk).filter((name) => /Exception$/.test(name) && error instanceof sdk[name]);

const steps = {
  send: async (client, name, parameters) => {
    const answer = await client.send(new sdk[`${name}Command`](parameters));
    return { answer: written(answer), attempts: answer.$metadata.attempts };
  },
  paginate: async (client, name, parameters) => {
    const pages = [];
    for await (const page of sdk[`paginate${name}`]({ client, pageSize: 1 }, parameters)) pages.push(written(page));
    return { pages };
  },
};

const text = [];
for await (const chunk of process.stdin) text.push(chunk);
const asked = JSON.parse(text.join(""));

// As many attempts as by default, without the time between them.
const made = (settings) =>
  new sdk.BackupClient({ retryStrategy: new ConfiguredRetryStrategy(3, () => 0), ...settings });

const usual = made({});
const found = [];
for (const { settings, parameters, ...step } of asked) {
  const client = settings === undefined ? usual : made(settings);
  const [[kind, name]] = Object.entries(step);
  try {
    found.push(await steps[kind](client, name, restored(parameters ?? {})));
  } catch (error) {
    found.push({
      error: error.name,
      classes: classes(error),
      message: error.message,
      status: error.$metadata?.httpStatusCode,
      attempts: error.$metadata?.attempts,
    });
  }
  if (client !== usual) client.destroy();
}
usual.destroy();
process.stdout.write(JSON.stringify(asked.length ? found : Object.keys(sdk)));
