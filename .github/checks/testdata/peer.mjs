// Takes a user token and an account token through their lives on the fake, with
// Cloudflare's SDK for TypeScript. `make peers` runs it.
import assert from 'node:assert/strict';
import Cloudflare from 'cloudflare';

const { CLOUDFLARE_BASE_URL: baseURL, CLOUDFLARE_API_TOKEN: apiToken, CLOUDFLARE_ACCOUNT_ID: account_id } = process.env;
const client = (apiToken) => new Cloudflare({ baseURL, apiToken, maxRetries: 0 });
const family = {
  user: (c) => c.user.tokens,
  account: (c) => c.accounts.tokens,
};
const owner = { user: undefined, account: { account_id } };

const all = async (pages) => {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
};

for (const kind of Object.keys(family)) {
  const tokens = family[kind](client(apiToken));
  const params = owner[kind];
  const verify = (value) => family[kind](client(value)).verify(...(params ? [params] : []));

  const groups = await all(tokens.permissionGroups.list(params));
  const group = groups.find(({ name }) => name === 'DNS Read');
  assert.ok(group, `${kind}: DNS Read is not among the ${groups.length} permission groups`);
  const policies = [{
    effect: 'allow',
    permission_groups: [{ id: group.id }],
    resources: { [`com.cloudflare.api.account.${account_id}`]: { 'com.cloudflare.api.account.zone.*': '*' } },
  }];

  const { id, value } = await tokens.create({ ...params, name: 'life', policies });
  assert.equal((await tokens.get(id, params)).name, 'life');
  assert.ok((await all(tokens.list(params))).some((token) => token.id === id), `${kind}: the token is not listed`);
  assert.equal((await tokens.update(id, { ...params, name: 'renamed', policies })).name, 'renamed');
  const rolled = await tokens.value.update(id, { ...params, body: {} });
  const verified = await verify(rolled);
  assert.deepEqual([verified.id, verified.status], [id, 'active']);
  await assert.rejects(verify(value), { status: 401 });
  await tokens.delete(id, params);
  await assert.rejects(tokens.get(id, params), { status: 404 });
}
