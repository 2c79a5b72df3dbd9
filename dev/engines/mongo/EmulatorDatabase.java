import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractSynchronizedMongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;

/** A database of the emulator: a map of documents for each collection, and a map of keys for each secondary index. */
final class EmulatorDatabase extends AbstractSynchronizedMongoDatabase<KeyValue> {
  private static final String DOCUMENTS = "documents/";
  private static final String INDEX = "index/";

  private final MVStore store;

  EmulatorDatabase(String name, MVStore store, CursorRegistry cursors) {
    super(name, cursors);
    this.store = store;
    initializeNamespacesAndIndexes();
  }

  /** Returns the names of the databases in the file. */
  static List<String> names(MVStore store) {
    return store.getMapNames().stream()
        .filter(name -> name.startsWith(DOCUMENTS))
        .map(name -> name.substring(DOCUMENTS.length(), name.indexOf('.')))
        .distinct()
        .toList();
  }

  private MVMap<KeyValue, byte[]> open(String map) {
    return store.openMap(map, new MVMap.Builder<KeyValue, byte[]>().keyType(KeyType.INSTANCE).valueType(ByteArrayDataType.INSTANCE));
  }

  private MVMap<KeyValue, byte[]> documents(String collection) {
    return open(DOCUMENTS + getFullCollectionNamespace(collection));
  }

  private String indexMap(String collection, String index) {
    return INDEX + getFullCollectionNamespace(collection) + "/" + index;
  }

  @Override
  protected MongoCollection<KeyValue> openOrCreateCollection(String name, CollectionOptions options) {
    return new EmulatorCollection(this, name, options, documents(name), cursorRegistry);
  }

  /** The index of `_id` is the map of documents; the library asks for it as a unique index. */
  @Override
  protected Index<KeyValue> openOrCreateUniqueIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
    if (keys.size() == 1 && keys.get(0).getKey().equals("_id")) {
      return new PrimaryIndex(name, keys, documents(collection));
    }
    return new SecondaryIndex(name, keys, sparse, true, open(indexMap(collection, name)));
  }

  @Override
  protected Index<KeyValue> openOrCreateSecondaryIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
    return new SecondaryIndex(name, keys, sparse, false, open(indexMap(collection, name)));
  }

  @Override
  protected void dropIndex(MongoCollection<KeyValue> collection, String name) {
    super.dropIndex(collection, name);
    store.removeMap(indexMap(collection.getCollectionName(), name));
  }

  @Override
  public void dropCollection(String name, Oplog oplog) {
    super.dropCollection(name, oplog);
    store.removeMap(DOCUMENTS + getFullCollectionNamespace(name));
  }

  @Override
  public void moveCollection(MongoDatabase from, MongoCollection<?> collection, String newName) {
    throw new MongoServerError(115, "CommandNotSupported", "the emulator does not rename collections");
  }

  @Override
  protected long getStorageSize() {
    return store.getFileStore().size();
  }

  @Override
  protected long getFileSize() {
    return getStorageSize();
  }
}
