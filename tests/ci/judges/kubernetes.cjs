// Holds a Kubernetes manifest to its schema: `node kubernetes.cjs FILE`, 0 if it fits. Jobs and pod
// templates by the npm package kubernetes-models, an MPIJob by the schema beside this.
const fs = require('fs');
const path = require('path');
const yaml = require('yaml');
const Ajv = require('ajv');

const schemas = path.join(__dirname, 'node_modules', 'kubernetes-models', '_schemas');
const model = (name) => require(path.join(schemas, `IoK8sApi${name}.js`)).validate;

function check(validate, data, where) {
  if (validate(data)) return [];
  return validate.errors.map((each) => `${where}${each.instancePath}: ${each.message ?? each.keyword}`);
}

function judge(manifest) {
  if (manifest.kind === 'Job') return check(model('BatchV1Job'), manifest, '');
  if (manifest.kind !== 'MPIJob') return [`nobody here knows the kind ${manifest.kind}`];
  const schema = JSON.parse(fs.readFileSync(path.join(__dirname, 'mpijob.schema.json'), 'utf8'));
  const wrong = check(new Ajv({ allErrors: true }).compile(schema), manifest, '');
  for (const [name, replica] of Object.entries(manifest.spec?.mpiReplicaSpecs ?? {})) {
    wrong.push(...check(model('CoreV1PodTemplateSpec'), replica.template, `${name} template`));
  }
  return wrong;
}

const wrong = judge(yaml.parse(fs.readFileSync(process.argv[2], 'utf8')));
for (const each of wrong) console.error(each);
process.exit(wrong.length === 0 ? 0 : 1);
