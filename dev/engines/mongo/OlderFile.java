import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.bson.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** A file of mongo-java-server's own H2 backend, which keeps documents by Java serialization: what earlier emulators wrote. */
final class OlderFile {
  private static final String DOCUMENTS = "databases.";

  private static final int COMMIT_EVERY = 1000;

  private OlderFile() {}

  /** Copies its documents into a new file, which is there as a whole or not at all. Indexes are not copied; clients create them. */
  static void copy(Path older, Path newer) throws IOException {
    Path draft = newer.resolveSibling(newer.getFileName() + ".draft");
    Files.deleteIfExists(draft);
    MVStore from = new MVStore.Builder().fileName(older.toString()).readOnly().open();
    MVStore to = MVStore.open(draft.toString());
    EmulatorBackend backend = new EmulatorBackend(to);
    for (String name : from.getMapNames()) {
      int dot = name.indexOf('.', DOCUMENTS.length());
      if (name.startsWith(DOCUMENTS) && !name.startsWith(".system.", dot)) {
        MongoDatabase database = backend.resolveDatabase(name.substring(DOCUMENTS.length(), dot));
        MongoCollection<?> collection =
            database.createCollectionOrThrowIfExists(name.substring(dot + 1), CollectionOptions.withDefaults());
        MVMap<Object, Document> documents = from.openMap(name);
        copy(documents, collection, to);
      }
    }
    backend.close();
    from.close();
    Files.move(draft, newer, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void copy(MVMap<Object, Document> documents, MongoCollection<?> collection, MVStore to) {
    int copied = 0;
    for (Document document : documents.values()) {
      collection.addDocument(document);
      if (++copied % COMMIT_EVERY == 0) {
        to.commit();
      }
    }
    System.out.println("MongoDB emulator: copied " + copied + " documents of " + collection.getFullName() + " from the older file");
  }
}
