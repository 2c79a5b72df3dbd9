import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.List;
import org.h2.mvstore.MVMap;

/** The index of `_id`: the map of documents itself. */
final class PrimaryIndex extends OrderedIndex {
  private final MVMap<KeyValue, byte[]> documents;

  PrimaryIndex(String name, List<IndexKey> keys, MVMap<KeyValue, byte[]> documents) {
    super(name, keys, false, documents);
    this.documents = documents;
  }

  @Override
  KeyValue positionOf(KeyValue key) {
    return key;
  }

  @Override
  public KeyValue getPosition(Document document) {
    KeyValue key = new KeyValue(document.get("_id"));
    return documents.containsKey(key) ? key : null;
  }

  @Override
  public void checkAdd(Document document, MongoCollection<KeyValue> collection) {
    if (getPosition(document) != null) {
      throw new DuplicateKeyError(this, collection, getKeys(), new KeyValue(document.get("_id")));
    }
  }

  @Override
  public void add(Document document, KeyValue position, MongoCollection<KeyValue> collection) {
    // The collection has put the document into the map.
  }

  @Override
  public KeyValue remove(Document document) {
    return getPosition(document);
  }

  @Override
  public void checkUpdate(Document oldDocument, Document newDocument, MongoCollection<KeyValue> collection) {
    // An `_id` never changes.
  }

  @Override
  public void updateInPlace(Document oldDocument, Document newDocument, KeyValue position, MongoCollection<KeyValue> collection) {
    // An `_id` never changes.
  }

  @Override
  public boolean isUnique() {
    return true;
  }
}
