import collections, atexit
from tests.store import test_model as m
c = collections.Counter()
orig = m.StoreBesideModel.command
def command(self, name, contact, agent):
    r = self.model.would(name, self.model.contacts[contact], agent)
    c[name, r] += 1
    return orig(self, name, contact, agent)
m.StoreBesideModel.command = command
def test_it(store_url):
    m.test_the_store_does_what_its_model_does(store_url)
    print(sorted((k, v) for k, v in c.items() if k[1]))
