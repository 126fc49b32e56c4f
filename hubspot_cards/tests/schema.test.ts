// One truth in three places: the API's schema, the card's types and the fixtures.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { fixture, fixtureNames } from './fixtures';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const schema = JSON.parse(read('../card-api.schema.json'));
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
ajv.addSchema(schema);

const check = (name: string, value: unknown) => {
  const valid = ajv.validate({ $ref: `${schema.$id}#/$defs/${name}` }, value);
  return valid ? [] : (ajv.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
};

const requestId = '6f2f7c9e-4c1b-4a55-9d3e-0a8a6f4b1c22';
const shown = 'a'.repeat(64);

describe('schema', () => {
  it.each(fixtureNames())('fixture %s is a View', (name) => {
    expect(check('View', fixture(name))).toEqual([]);
  });

  it.each([
    ['an unknown key', { ...fixture('ready'), colour: 'red' }],
    ['an unknown state', { ...fixture('ready'), state: 'asleep' }],
    ['ready without an offer', { ...fixture('ready'), offers: [] }],
    ['a choice of one', { ...fixture('choose_recipient'), offers: fixture('ready').offers }],
    ['not ready without a problem', { ...fixture('not_ready'), problems: [] }],
    ['sent without a proposal', { ...fixture('sent'), proposal: null }],
    ['a hash that is none', { ...fixture('ready'), offers: [{ ...fixture('ready').offers[0], shown: 'x' }] }],
  ])('refuses %s', (_, view) => {
    expect(check('View', view)).not.toEqual([]);
  });

  it.each([
    ['CreateRequest', { requestId, recipientContactId: '501', shown }],
    ['CreateAnswer', { state: 'taken' }],
    ['WithdrawRequest', { proposalId: '41' }],
    ['SignInAnswer', { url: 'https://propale.example/sign-in/x' }],
    ['Error', { error: { code: 'deal_unknown', message: 'Cette transaction n’existe plus.' } }],
  ])('takes a %s and refuses it with a key too many', (name, value) => {
    expect(check(name, value)).toEqual([]);
    expect(check(name, { ...value, more: 1 })).not.toEqual([]);
  });
});

// Each definition beside the type that says the same.
const TYPES: [type: string, pointer: string][] = [
  ['View', 'View'],
  ['Problem', 'Problem'],
  ['Warning', 'Warning'],
  ['Offer', 'Offer'],
  ['ProposalFacts', 'ProposalFacts'],
  ['CreateRequest', 'CreateRequest'],
  ['CreateAnswer', 'CreateAnswer'],
  ['WithdrawRequest', 'WithdrawRequest'],
  ['SignInAnswer', 'SignInAnswer'],
  ['ErrorAnswer', 'Error'],
];

describe('types', () => {
  const source = ts.createSourceFile('apiTypes.ts', read('../src/app/cards/apiTypes.ts'), ts.ScriptTarget.ES2022);

  it.each(TYPES)('%s has the keys of %s', (type, definition) => {
    expect(keysOf(type)).toEqual(Object.keys(schema.$defs[definition].properties).sort());
  });

  it.each([
    ['CardState', schema.$defs.View.properties.state.enum],
    ['ProposalStatus', schema.$defs.View.properties.status.enum],
    ['MoneyStatus', schema.$defs.MoneyStatus.enum],
  ])('%s has the schema’s words', (type, words: string[]) => {
    expect(literalsOf(type)).toEqual([...words].sort());
  });

  it('the fixtures compile as View', () => {
    expect(complaints()).toEqual([]);
  });

  function keysOf(name: string): string[] {
    const found = source.statements.find(named(name));
    if (!found || !ts.isInterfaceDeclaration(found)) return [];
    return found.members.map((member) => (member.name as ts.Identifier).text).sort();
  }

  function literalsOf(name: string): string[] {
    const found = source.statements.find(named(name));
    if (!found || !ts.isTypeAliasDeclaration(found) || !ts.isUnionTypeNode(found.type)) return [];
    return found.type.types.map((part) => ((part as ts.LiteralTypeNode).literal as ts.StringLiteral).text).sort();
  }

  function named(name: string) {
    return (statement: ts.Statement) =>
      (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) && statement.name.text === name;
  }
});

/** Compiles every fixture as a literal of type View: a missing or extra key is a type error. */
function complaints(): string[] {
  const views = fixtureNames().map((name) => `const ${name}: View = ${JSON.stringify(fixture(name))};`);
  const text = `${read('../src/app/cards/apiTypes.ts')}\n${views.join('\n')}\nexport { ${fixtureNames().join(', ')} };`;
  const options = { strict: true, noEmit: true, noLib: true, types: [] };
  const host = ts.createCompilerHost(options);
  const readSource = host.getSourceFile.bind(host);
  host.getSourceFile = (file, ...rest) =>
    file === 'fixtures.ts' ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2022) : readSource(file, ...rest);
  const program = ts.createProgram(['fixtures.ts'], options, host);
  const found = program.getSemanticDiagnostics(program.getSourceFile('fixtures.ts'));
  return found.map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}
