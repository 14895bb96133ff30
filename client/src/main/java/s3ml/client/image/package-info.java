/// Pictures in, detections out: what an owner of images needs around an [s3ml.client.InferenceClient].
///
/// Entry type: [ObjectDetector]. [SceneDrawing] makes a picture that a detector of game elements recognises, so that
/// trying the system needs no photo. Everything here runs on the owner's machine, on data that he trusts; model outputs
/// are checked for their shapes before they are read.
@NullMarked
package s3ml.client.image;

import org.jspecify.annotations.NullMarked;
